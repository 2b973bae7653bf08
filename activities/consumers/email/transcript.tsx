import type { DataOf } from '../../../events/catalogue';
import { conversationOf } from '../../../events/conversation';
import { Facts, Layout, Link, Written, siteFacts } from './layout';

type Data = DataOf<'Chat.Ended'>;

interface Props {
  readonly title: string;
  readonly data: Data;
  /** A visitor gets the conversation without the parts for agents: comment, notes, fields, ids. */
  readonly isForVisitor: boolean;
  readonly language: string | undefined;
}

export function Transcript({ title, data: { chat, visitor }, isForVisitor, language }: Props) {
  const { contact, preChat } = chat;
  const files = chat.attachments.filter(({ isNote }) => isNote !== true || !isForVisitor);
  return (
    <Layout title={title}>
      <Facts
        facts={[
          ['Began', time(chat.startedAt)],
          ['Ended', time(chat.endedAt)],
          ['Department', preChat.departmentName],
        ]}
      />
      {!isForVisitor && (
        <Facts
          facts={[
            ['Name', contact.name ?? visitor?.lastKnownName],
            ['E-mail', contact.email ?? visitor?.lastKnownEmail],
            ['Phone', contact.phone],
            ['Company', contact.company],
            ['Product or service', contact.productService],
            ['Place', [visitor?.city, visitor?.country].filter(Boolean).join(', ') || null],
            ['Page', chat.requestPageTitle],
            ['Address of the page', chat.requestPageUrl && <Link url={chat.requestPageUrl} />],
            ['Rating', chat.ratingGrade],
            ['Comment with the rating', chat.ratingComment],
            ["Agent's comment", chat.agentComment],
            ['Ticket', chat.ticketId],
            ...siteFacts([...chat.customFields, ...chat.customVariables]),
            ['Chat', chat.chatId],
          ]}
        />
      )}
      <Written text={conversationOf(chat) ?? 'Nothing was written.'} language={language} />
      <Facts
        facts={files.map(({ name, url, isNote }) => [
          isNote === true ? 'File in a note' : 'File',
          <>
            {name} <Link url={url} />
          </>,
        ])}
      />
    </Layout>
  );
}

const time = (at: string | null): string | null => at && `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

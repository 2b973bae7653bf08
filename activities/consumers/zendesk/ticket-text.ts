import type { DataOf } from '../../../events/catalogue';
import { conversationOf } from '../../../events/conversation';
import { indented, oneLine } from '../../../events/readable-text';

/** Most bytes of a comment; the whole text is then attached as a file. */
export const MAX_COMMENT_BYTES = 64_000;

type Fact = readonly [name: string, value: string | number | null | undefined];
type Named = readonly { readonly name: string | null; readonly value: string | null }[];

/** The conversation, and for agents the site's data beside it. A public comment has no notes and no ids. */
export function chatText({ chat, visitor }: DataOf<'Chat.Ended'>, isPublic: boolean): string {
  const { contact, preChat } = chat;
  const files = chat.attachments.filter(({ isNote }) => isNote !== true || !isPublic);
  const times: Fact[] = [
    ['Began', time(chat.startedAt)],
    ['Ended', time(chat.endedAt)],
    ['Department', preChat.departmentName],
  ];
  const internal: Fact[] = [
    ...contactFacts({ ...contact, name: contact.name ?? visitor?.lastKnownName ?? null }),
    ['E-mail (as entered, not verified)', contact.email ?? visitor?.lastKnownEmail],
    ['Place', [visitor?.city, visitor?.country].filter(Boolean).join(', ')],
    ['Page', chat.requestPageTitle],
    ['Address of the page', chat.requestPageUrl],
    ['Rating', chat.ratingGrade],
    ['Comment with the rating', chat.ratingComment],
    ["Agent's comment", chat.agentComment],
    ...namedFacts(chat.customFields),
    ...namedFacts(chat.customVariables),
    ['Chat', chat.chatId],
  ];
  return paragraphs(
    linesOf([...times, ...(isPublic ? [] : internal)]),
    conversationOf(chat) ?? 'Nothing was written.',
    linesOf(files.map(({ name, url }) => [name === null ? 'File' : `File ${name}`, url])),
  );
}

/** For agents where the message came from, then the visitor's message: last, as a visitor's text can look like such facts. */
export function messageText(data: DataOf<'OfflineMessage.Submit'>, isPublic: boolean): string {
  const { contact, visitor } = data;
  const internal: Fact[] = [
    ['E-mail (as entered, not verified)', contact.email],
    ['Place', [visitor.city, visitor.country].filter(Boolean).join(', ')],
    ['Page', data.requestPageTitle],
    ['Address of the page', data.requestPageUrl],
    ...namedFacts(data.customFields),
    ...namedFacts(data.customVariables),
    ['Chat', data.sourceChatId],
  ];
  return paragraphs(
    linesOf([...contactFacts(contact), ...(isPublic ? [] : internal)]),
    data.content ?? 'Nothing was written.',
  );
}

interface Contact {
  readonly name: string | null;
  readonly company: string | null;
  readonly phone: string | null;
  readonly productService: string | null;
}

const contactFacts = ({ name, company, phone, productService }: Contact): Fact[] => [
  ['Name', name && oneLine(name)],
  ['Company', company && oneLine(company)],
  ['Phone', phone],
  ['Product or service', productService],
];

const namedFacts = (list: Named): Fact[] => list.map(({ name, value }) => [name ?? 'Field', value]);

/** A visitor's entry cannot look like another fact: names are one line, further lines are indented. */
const linesOf = (facts: readonly Fact[]): string =>
  facts
    .flatMap(([name, value]) =>
      value === null || value === undefined || value === '' ? [] : [`${oneLine(name)}: ${indented(String(value))}`],
    )
    .join('\n');

const paragraphs = (...parts: readonly string[]): string => parts.filter(Boolean).join('\n\n');

const time = (at: string | null): string | null => at && `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

/**
 * Zendesk may fill placeholders such as `{{ticket.requester.email}}` into comments of agents, and this comment is one: a visitor's text
 * must not become a placeholder.
 */
export const withoutPlaceholders = (text: string): string => text.replace(/\{(?=[{%])/g, '{ ');

import type { DataOf } from '../../../events/catalogue';
import { Facts, Layout, Link, Written, siteFacts } from './layout';

interface Props {
  readonly title: string;
  readonly data: DataOf<'OfflineMessage.Submit'>;
  readonly language: string | undefined;
}

export function OfflineMessage({ title, data, language }: Props) {
  const { contact, visitor } = data;
  return (
    <Layout title={title}>
      <Facts
        facts={[
          ['Name', contact.name],
          ['E-mail', contact.email],
          ['Phone', contact.phone],
          ['Company', contact.company],
          ['Product or service', contact.productService],
          ['Place', [visitor.city, visitor.country].filter(Boolean).join(', ') || null],
          ['Language', visitor.language],
          ['Page', data.requestPageTitle],
          ['Address of the page', data.requestPageUrl && <Link url={data.requestPageUrl} />],
          ['Ticket', data.ticketId],
          ...siteFacts([...data.customFields, ...data.customVariables]),
        ]}
      />
      <Written text={data.content ?? 'The message is empty.'} language={language} />
      <Facts facts={data.attachments.map(({ name, size }) => ['File', `${name ?? 'without a name'}, ${size} bytes`])} />
    </Layout>
  );
}

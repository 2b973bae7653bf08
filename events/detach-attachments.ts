import type { Attachment } from './attachment';
import type { ChatEvent, DataOf } from './catalogue';

/** Takes the files out of an event: their name, size and hash stay in it. */
export function detachAttachments(event: ChatEvent): { event: ChatEvent; attachments: Attachment[] } {
  if (event.type !== 'OfflineMessage.Submit') return { event, attachments: [] };
  const attachments = event.data.attachments.flatMap(({ name, content }, position) =>
    content === null ? [] : [{ position, name, content: Buffer.from(content, 'base64') }],
  );
  return { event: { ...event, data: withoutContents(event.data) }, attachments };
}

/** The data with the references of their files only. */
export function withoutContents(data: DataOf<'OfflineMessage.Submit'>): DataOf<'OfflineMessage.Submit'> {
  return { ...data, attachments: data.attachments.map((attachment) => ({ ...attachment, content: null })) };
}

import type { ChatEvent, DataOf } from './catalogue';

/** A file that an event carried inline. */
export interface DetachedAttachment {
  /** Its place in the event's `attachments`. */
  readonly index: number;
  readonly name: string | null;
  readonly content: Buffer;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Takes the files out of an event: what stays in it is their name, size and hash. */
export function detachAttachments(event: ChatEvent): { event: ChatEvent; attachments: DetachedAttachment[] } {
  if (event.type !== 'OfflineMessage.Submit') return { event, attachments: [] };
  const attachments = event.data.attachments.flatMap(({ name, content, sha256 }, index) =>
    content === null ? [] : [{ index, name, content: Buffer.from(content, 'base64'), sha256 }],
  );
  return { event: { ...event, data: withoutContents(event.data) }, attachments };
}

/** The data with the references of their files only. */
export function withoutContents(data: DataOf<'OfflineMessage.Submit'>): DataOf<'OfflineMessage.Submit'> {
  return { ...data, attachments: data.attachments.map((attachment) => ({ ...attachment, content: null })) };
}

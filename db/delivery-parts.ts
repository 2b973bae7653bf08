import { jsonText } from './json-text';
import type { Tx } from './tx';

/** A file that an event carried inline. */
export interface AttachmentRow {
  /** Its place in the event's `attachments`. */
  readonly position: number;
  readonly name: string | null;
  readonly content: Buffer;
}

/** The files of an event, in order. */
export async function readAttachments(tx: Tx, key: string): Promise<AttachmentRow[]> {
  const text = 'select position, name, content from attachment where event_key = $1 order by position';
  return (await tx.query<AttachmentRow>(text, [key])).rows;
}

/** Adds to what is done of a delivery. Parts that are done stay done, whoever holds the row. */
export async function saveProgress(tx: Tx, id: string, done: Readonly<Record<string, unknown>>): Promise<void> {
  await tx.query(`update delivery set progress = coalesce(progress, '{}') || $2 where id = $1`, [id, jsonText(done)]);
}

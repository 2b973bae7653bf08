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

/** What is done of a delivery beside what was before. */
export interface Progress {
  readonly id: string;
  readonly done: Readonly<Record<string, unknown>>;
}

/**
 * Adds to what is done of deliveries, each once. Parts that are done stay done, whoever holds the row.
 *
 * @returns ids of those that there are
 */
export async function saveProgress(tx: Tx, progress: readonly Progress[]): Promise<string[]> {
  const values = [jsonText(progress), progress.map(({ id }) => id)];
  return (await tx.query<{ id: string }>(SAVE_PROGRESS, values)).rows.map(({ id }) => id);
}

const SAVE_PROGRESS = `
with p as (
  select p.* from jsonb_to_recordset($1::jsonb) as p(id uuid, done jsonb) join delivery d on d.id = p.id
  where d.id = any($2::uuid[]) order by d.event_key collate "C", d.id for update of d
)
update delivery d set progress = coalesce(d.progress, '{}') || p.done from p where d.id = p.id returning d.id`;

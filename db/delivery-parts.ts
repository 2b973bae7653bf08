import type { Attachment } from '../events/attachment';
import { jsonText } from './json-text';
import type { Tx } from './tx';

/** Bytes of a file that one answer brings: PostgreSQL sends them as hexadecimal text, which is then there twice. */
const PIECE = 1024 * 1024;

/** The files of an event, in order; a large one is read piece by piece. */
export async function readAttachments(tx: Tx, key: string): Promise<Attachment[]> {
  const { rows } = await tx.query<Attachment & { size: number }>(READ_ATTACHMENTS, [key, PIECE]);
  const files: Attachment[] = [];
  for (const { size, content: first, ...file } of rows) {
    const content = size > PIECE ? await readPieces(tx, key, file.position, { size, first }) : first;
    files.push({ ...file, content });
  }
  return files;
}

const READ_ATTACHMENTS = `
select position, name, size, substring(content for $2) as content from attachment where event_key = $1 order by position`;

async function readPieces(
  tx: Tx,
  key: string,
  position: number,
  { size, first }: { readonly size: number; readonly first: Buffer },
): Promise<Buffer> {
  const content = Buffer.alloc(size);
  first.copy(content);
  for (let at = first.length; at < size; at += PIECE) {
    const { rows } = await tx.query<{ piece: Buffer }>(READ_PIECE, [key, position, at + 1, PIECE]);
    if (rows[0] === undefined) throw new Error(`The file ${position} of ${key} was removed while it was read.`);
    rows[0].piece.copy(content, at);
  }
  return content;
}

const READ_PIECE = `
select substring(content from $3 for $4) as piece from attachment where event_key = $1 and position = $2`;

/** What is done of a delivery beside what was before. */
export interface Progress {
  readonly id: string;
  readonly done: Readonly<Record<string, unknown>>;
}

/**
 * Adds to the parts of deliveries that are done, each once. Parts that are done stay done, also without the lease.
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

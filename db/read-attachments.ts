import type { Attachment } from '../events/attachment';
import type { Tx } from './tx';

/** Bytes of a file in one answer: PostgreSQL sends them as hexadecimal text, so that they are in memory twice. */
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

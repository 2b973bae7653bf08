import { JournalReader, placeOf, type StoredEvent } from '../../client/journal/journal-reader';
import { readFile } from 'node:fs/promises';
import { readEventKey } from '../../events/read-identity';
import { CommandFailure } from '../output';

/** An event that a publisher has accepted, as a journal or a receipt says. */
export interface AcceptedEvent {
  /** The journal's folder, or the file of receipts. */
  readonly from: string;
  /** The batch that carried it, as far as the journal says. */
  readonly batch: string | undefined;
}

/** Times in milliseconds since 1970: from is within, to is not. */
export interface Span {
  readonly site: string | undefined;
  readonly from: number;
  readonly to: number;
}

/** The events that a journal has of this site and time, one for each call of `publish` that it accepted. */
export async function readPublications(dir: string, { site, from, to }: Span): Promise<StoredEvent[]> {
  const reader = await JournalReader.open(dir);
  try {
    const found: StoredEvent[] = [];
    for (const file of reader.files) {
      for (const event of await reader.eventsOf(file)) {
        const isWithin = event.publishedAt >= from && event.publishedAt < to;
        if (isWithin && (site === undefined || event.siteId === site)) found.push(event);
      }
    }
    return found;
  } finally {
    await reader.close();
  }
}

/** Adds the events that a journal has of this site and time, by key. */
export async function addJournal(
  accepted: Map<string, AcceptedEvent>,
  dir: string,
  { site, from, to }: Span,
): Promise<void> {
  const reader = await JournalReader.open(dir);
  try {
    const keys = new Map<string, string>();
    for (const file of reader.files) {
      const { events, batches } = await reader.contentsOf(file);
      for (const event of events) {
        if (event.publishedAt < from || event.publishedAt >= to) continue;
        if (site !== undefined && event.siteId !== site) continue;
        keys.set(placeOf(event), event.key);
        accepted.set(event.key, { from: dir, batch: undefined });
      }
      for (const { workflowId, places } of batches) {
        for (const key of places.map((place) => keys.get(place)))
          if (key !== undefined) accepted.set(key, { from: dir, batch: workflowId });
      }
    }
  } finally {
    await reader.close();
  }
}

/** Adds the events of receipts, from any time: a file with one receipt of `publish` per line, as JSON. */
export async function addReceipts(
  accepted: Map<string, AcceptedEvent>,
  file: string,
  { site }: Pick<Span, 'site'>,
): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CommandFailure(`The receipts cannot be read: ${error.message}`);
  });
  for (const [n, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const receipt = readReceipt(line);
    if (receipt === undefined)
      throw new CommandFailure(
        `${file}, line ${n + 1}: expected a receipt of publish, such as {"key":"Chat.Ended/10001/5f3a"}.`,
      );
    if (site !== undefined && receipt.key.split('/')[1] !== site) continue;
    const batch = receipt.workflowId === receipt.key ? undefined : receipt.workflowId;
    if (!accepted.has(receipt.key)) accepted.set(receipt.key, { from: file, batch });
  }
}

function readReceipt(line: string): { readonly key: string; readonly workflowId: string | undefined } | undefined {
  try {
    const { key, workflowId } = (JSON.parse(line) ?? {}) as Record<string, unknown>; // its fields may have any type
    if (typeof key !== 'string' || readEventKey(key) === undefined) return undefined;
    return { key, workflowId: typeof workflowId === 'string' ? workflowId : undefined };
  } catch {
    return undefined;
  }
}

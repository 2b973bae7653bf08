import type { Cluster } from '../cluster';
import { batchingOf, type Batching, type Queued } from '../compose-batch';
import type { PreparedEvent } from '../prepare-event';
import type { Place } from './segment';

/** An event of the journal in memory; its data stays on the disk. */
export interface Entry extends Queued {
  batching: Batching;
  readonly place: Place;
  /** When it was published, in milliseconds since 1970. */
  readonly publishedAt: number;
  /** When this process last started it, by `performance.now()`; undefined: not that it knows. */
  startedAt?: number | undefined;
  /** The workflow that carries it; undefined: none that this process knows of. */
  workflowId?: string | undefined;
  /** The cluster that has this workflow; undefined: an earlier process knew. */
  startedOn?: Cluster | undefined;
  /** It goes alone from now on if it has to be started again: nothing came of it with others. */
  isAgain?: true;
}

interface Written {
  readonly publishedAt: number;
  readonly event: PreparedEvent;
}

/** Which entries were to be started together, as one workflow; written before they are. Its name on the disk is `ride`. */
interface StoredBatch {
  /** Id of the workflow. */
  readonly ride: string;
  /** Number of the file and offset in it, of each. */
  readonly of: readonly (readonly [number, number])[];
}

export const writeEntry = (written: Written): Buffer => Buffer.from(JSON.stringify(written));

export function writeBatch(workflowId: string, entries: readonly Entry[]): Buffer {
  const of = entries.map(({ place: { segment, offset } }) => [segment.number, offset] as const);
  return Buffer.from(JSON.stringify({ ride: workflowId, of } satisfies StoredBatch));
}

// Of texts that this program wrote, whole by their checksum.
export const readEntry = (text: Buffer): Written => JSON.parse(text.toString());
export const readText = (text: Buffer): Written | StoredBatch => JSON.parse(text.toString());

export function createEntry({ publishedAt, event }: Written, place: Place): Entry {
  const { key, siteId, type, bytes } = event;
  return { key, siteId, bytes, batching: batchingOf(type, bytes), place, publishedAt };
}

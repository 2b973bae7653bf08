import { catalogue, type EventType } from '../events/catalogue';
import type { EventDefinition } from '../events/define-event';
import type { PublisherSettings } from './publisher-options';
import type { Queueable, SiteQueues } from './site-queues';

/** When an event shares a workflow with others: when others wait, only when it would wait long for one of its own, or never. */
export type Batching = 'always' | 'after a wait' | 'never';

/** An event that waits for a start. */
export interface Queued extends Queueable {
  /** Of the event. */
  readonly key: string;
  readonly batching: Batching;
}

/** Bytes of a batch, at most: its input stays well below the size that Temporal warns about (512 kB). */
export const BATCH_BYTES = 200_000;
/** An event with more bytes of JSON has a workflow to itself. */
export const ALONE_BYTES = 32_768;

/** As its type and size have it. */
export function batchingOf(type: string, bytes: number): Batching {
  if (bytes > ALONE_BYTES) return 'never';
  // A journal may hold events of a later version, with types that this one does not know.
  const { batched = true }: Partial<EventDefinition> =
    (catalogue as Partial<typeof catalogue>)[type as EventType] ?? {};
  return batched ? 'always' : 'after a wait';
}

/** The way of events that go in a batch only after a wait: each goes alone, they go together, or they wait for now. */
export type Crowd = 'alone' | 'together' | 'held';

/** Takes the events of the next workflow out of the queues: one event, or several of different keys, of all sites in turn. */
export function composeBatch<T extends Queued>(
  queues: SiteQueues<T>,
  { maxBatch }: Pick<PublisherSettings, 'maxBatch'>,
  crowd: Crowd,
): T[] {
  const isShared = ({ batching }: T): boolean =>
    batching === 'always' || (crowd === 'together' && batching === 'after a wait');
  const stepsAside = ({ batching }: T): boolean => crowd === 'held' && batching === 'after a wait';
  const batch: T[] = [];
  const keys = new Set<string>();
  let bytes = 0;
  const fits = (one: T): boolean =>
    batch.length === 0 || (isShared(one) && bytes + one.bytes <= BATCH_BYTES && !keys.has(one.key));
  while (batch.length < maxBatch) {
    const one = queues.takeNext(fits, stepsAside);
    if (one === undefined) break;
    batch.push(one);
    keys.add(one.key);
    bytes += one.bytes;
    if (!isShared(one)) break;
  }
  return batch;
}

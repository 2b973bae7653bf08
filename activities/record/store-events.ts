import { activityInfo } from '@temporalio/activity';
import type { Database, Transaction } from '../../db/database';
import type { NewEvent } from '../../db/insert-events';
import type { Owner } from '../../db/owner';
import type { RefusedEvent } from '../../db/insert-refused-events';
import type { Tx } from '../../db/tx';
import type { ChatEvent } from '../../events/catalogue';
import { ageOf, type Attempt } from '../attempt';
import type { InDatabaseConsumer } from '../consumer';
import { isDataError } from '../failures';
import type { HashIds } from './id-hashes';
import type { ConsumerModes } from './recorded-event';
import { routeEvents, type ReadyEvent } from './route-events';

export interface StoreDeps {
  readonly db: Database;
  /** Consumers that this version has, each with how a run starts its deliveries. */
  readonly modes: ConsumerModes;
  /** Consumers whose first attempt is made in the transaction that records the event. */
  readonly inDatabase: Readonly<Record<string, InDatabaseConsumer>>;
  readonly observe: (attempt: Attempt) => void;
  /** Null: this worker cannot open the key of the hashes by which events are found. */
  readonly idHashes: () => Promise<HashIds | null>;
}

/** An event with its place in the list that it came in. */
interface Placed extends ReadyEvent {
  readonly position: number;
}

/**
 * Inserts the events that are new, and with them the effects of their in-database deliveries: one transaction, a statement per
 * table. If that fails, the events are recorded without the effects, which are left to attempts of their own. If PostgreSQL
 * refuses the data of an event, each event is inserted behind a savepoint, and the refused ones go to `refused`.
 *
 * @param events in order of key, so that concurrent calls cannot deadlock
 * @returns those that were new
 */
export async function storeEvents<T extends Placed>(
  events: readonly T[],
  refused: Map<number, RefusedEvent>,
  owner: Owner,
  deps: StoreDeps,
  refuse: (event: T, sqlState: string) => RefusedEvent,
): Promise<NewEvent[]> {
  if (Object.keys(deps.inDatabase).length > 0) {
    const started = performance.now();
    const store = storeTogether(events, refused, owner, deps, deps.inDatabase);
    const added = await store.catch(() => null); // recording alone meets the same failure, or does without
    if (added !== null) {
      report(added, owner, (performance.now() - started) / events.length, deps);
      return added;
    }
  }
  try {
    return await storeTogether(events, refused, owner, deps, {});
  } catch (error) {
    if (!isDataError(error)) throw error;
    return await storeOneByOne(events, refused, owner, deps, refuse);
  }
}

async function storeTogether(
  events: readonly ReadyEvent[],
  refused: ReadonlyMap<number, RefusedEvent>,
  owner: Owner,
  deps: StoreDeps,
  consumers: StoreDeps['inDatabase'],
): Promise<NewEvent[]> {
  const hashIds = await deps.idHashes();
  return await deps.db.inTransaction(async (tx) => {
    const routed = markDelivered(await routeEvents(tx, events, deps.modes, hashIds), consumers);
    const added = await insert(tx, routed, owner);
    for (const [name, consumer] of Object.entries(consumers)) await writeEffects(tx, name, consumer, added);
    if (refused.size > 0) await tx.insertRefusedEvents([...refused.values()], owner);
    return added;
  });
}

async function storeOneByOne<T extends Placed>(
  events: readonly T[],
  refused: Map<number, RefusedEvent>,
  owner: Owner,
  deps: StoreDeps,
  refuse: (event: T, sqlState: string) => RefusedEvent,
): Promise<NewEvent[]> {
  const hashIds = await deps.idHashes();
  return await deps.db.inTransaction(async (tx) => {
    const added: NewEvent[] = [];
    for (const [i, event] of (await routeEvents(tx, events, deps.modes, hashIds)).entries()) {
      try {
        added.push(...(await tx.savepoint(() => insert(tx, [event], owner))));
      } catch (error) {
        const one = events[i];
        if (!isDataError(error) || one === undefined) throw error;
        refused.set(one.position, refuse(one, String((error as { code?: string }).code)));
      }
    }
    if (refused.size > 0) await tx.insertRefusedEvents([...refused.values()], owner);
    return added;
  });
}

async function insert<T extends NewEvent>(tx: Transaction, events: readonly T[], owner: Owner): Promise<T[]> {
  if (events.length === 0) return [];
  const added = new Set(await tx.insertEvents(events, owner));
  return events.filter(({ key }) => added.has(key));
}

/** Marks the deliveries whose effect this transaction writes itself. */
function markDelivered<T extends NewEvent>(events: readonly T[], consumers: StoreDeps['inDatabase']): T[] {
  return events.map((event) => ({
    ...event,
    deliveries: event.deliveries.map((one) => ({
      ...one,
      delivered: one.parked === null && one.consumer in consumers,
    })),
  }));
}

async function writeEffects(
  tx: Tx,
  name: string,
  consumer: InDatabaseConsumer,
  added: readonly (NewEvent & ChatEvent)[],
): Promise<void> {
  const own = added.filter(({ deliveries }) => deliveries.some((one) => one.delivered && one.consumer === name));
  if (own.length > 0) await consumer.write(tx, own);
}

/** Reports each delivery that the transaction wrote as an attempt like any other; called once it is committed. */
function report(added: readonly NewEvent[], { cluster }: Owner, durationMs: number, { observe }: StoreDeps): void {
  const { attempt } = activityInfo();
  for (const { key, siteId, receivedAt, deliveries } of added) {
    for (const { id, dataQueue, consumer, delivered } of deliveries) {
      if (delivered !== true) continue;
      const names = { deliveryId: id, eventKey: key, siteId, dataQueue, consumer, cluster };
      const times = { durationMs: Math.round(durationMs), ageMs: ageOf(receivedAt) };
      observe({ ...names, ...times, attempt, tries: 1, isRepeat: false, outcome: 'delivered', failure: null });
    }
  }
}

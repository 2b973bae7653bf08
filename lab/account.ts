import type { ChatEvent } from '../events/catalogue';
import { deliveryId } from '../events/delivery-id';
import { needsConnection } from '../activities/consumers';
import { fanOut, relations } from '../activities/consumers/relations';
import type { ConnectionRow } from './queries/list-connections';
import type { AccountRows, DeliveryRow } from './queries/read-account-rows';

/** The outcome of one call of publish. */
export type Publication =
  | { readonly outcome: 'accepted'; readonly key: string; readonly acceptedBy: string; readonly event: ChatEvent }
  | { readonly outcome: 'refused'; readonly type: string; readonly reason: string }
  | { readonly outcome: 'failed'; readonly type: string; readonly reason: string };

/** A delivery that follows from the published events, whether or not the product knows of it. */
export interface ImpliedDelivery {
  readonly id: string;
  readonly dataQueue: string;
  /** '' where the consumer needs none. */
  readonly connectionId: string;
  readonly event: ChatEvent;
  readonly key: string;
}

type State = DeliveryRow['state'];

/** How the deliveries of one data queue stand. */
export interface QueueAccount extends Readonly<Record<State, number>> {
  /** Deliveries that the accepted events imply. */
  readonly implied: number;
  /** Those whose effect is there, at the destination. */
  readonly found: number;
  /** Those that ask nothing of the destination, as event and connection alone say: a chat that is for no ticket. */
  readonly skipped: number;
  /** Those that are neither found nor skipped nor listed as parked or discarded. */
  readonly lost: number;
}

/** The account of a set of publications, by distinct key. */
export interface Account {
  readonly published: number;
  readonly accepted: number;
  /** At the door: by publish. */
  readonly refused: number;
  /** Receipts beyond the first of a key. */
  readonly duplicates: number;
  readonly recorded: number;
  readonly deliveries: Readonly<Record<State, number>>;
  readonly byQueue: Readonly<Record<string, QueueAccount>>;
  readonly lost: number;
  /** Every equation that does not hold, in words; empty: the account balances. */
  readonly problems: readonly string[];
}

/** The accepted events, one per key: the first of each. */
export function acceptedEvents(publications: readonly Publication[]): Map<string, ChatEvent> {
  const events = new Map<string, ChatEvent>();
  for (const one of publications) {
    if (one.outcome === 'accepted' && !events.has(one.key)) events.set(one.key, one.event);
  }
  return events;
}

/** The deliveries that accepted events imply: fan-out of the event x relations x connections of its site. */
export function impliedDeliveries(
  events: ReadonlyMap<string, ChatEvent>,
  connections: readonly ConnectionRow[],
): ImpliedDelivery[] {
  const consumers = new Map(relations.map(({ dataQueue, consumer }) => [dataQueue, consumer]));
  return [...events].flatMap(([key, event]) =>
    fanOut(event).flatMap((dataQueue) => {
      const consumer = consumers.get(dataQueue);
      const takes = (one: ConnectionRow): boolean =>
        one.siteId === event.siteId &&
        one.consumer === consumer &&
        (one.eventTypes.length === 0 || one.eventTypes.includes(event.type));
      const targets =
        consumer !== undefined && needsConnection(consumer) ? connections.filter(takes).map(({ id }) => id) : [''];
      return targets.map((connectionId) => {
        return { id: deliveryId(key, dataQueue, connectionId), dataQueue, connectionId, event, key };
      });
    }),
  );
}

export interface AccountInput {
  readonly publications: readonly Publication[];
  readonly connections: readonly ConnectionRow[];
  /** Ids of implied deliveries whose effect was seen at the destination. */
  readonly found: ReadonlySet<string>;
  /** Ids of those of which nothing is to be seen there. Default: none. */
  readonly skipped?: ReadonlySet<string>;
  readonly rows: AccountRows;
}

/**
 * The account. Losses are computed from receipts and destinations: a delivery that the accepted events imply, that is not found there
 * although something should be, and not listed as parked or discarded. The state "delivered" in the product's own rows plays no part in it.
 */
export function account({ publications, connections, found, skipped = new Set(), rows }: AccountInput): Account {
  const accepted = acceptedEvents(publications);
  const keys = new Set(accepted.keys());
  const recorded = new Set(rows.events.map(({ key }) => key));
  for (const key of rows.refusedKeys) if (!recorded.has(key)) accepted.delete(key); // settled: it implies nothing
  const implied = impliedDeliveries(accepted, connections);
  const states = new Map(rows.deliveries.map(({ id, state }) => [id, state]));
  const isSettled = ({ id }: ImpliedDelivery): boolean =>
    found.has(id) || skipped.has(id) || ['parked', 'discarded'].includes(states.get(id) ?? '');
  const ofQueue = (dataQueue: string): QueueAccount => {
    const own = implied.filter((one) => one.dataQueue === dataQueue);
    return {
      implied: own.length,
      found: own.filter(({ id }) => found.has(id)).length,
      skipped: own.filter(({ id }) => skipped.has(id)).length,
      ...countStates(rows.deliveries.filter((one) => one.dataQueue === dataQueue)),
      lost: own.filter((one) => !isSettled(one)).length,
    };
  };
  const count = (outcome: Publication['outcome']): number =>
    publications.filter((one) => one.outcome === outcome).length;
  const queues = new Set([...implied, ...rows.deliveries].map(({ dataQueue }) => dataQueue));
  const sums = {
    published: publications.length,
    accepted: keys.size,
    refused: count('refused'),
    duplicates: count('accepted') - keys.size,
    recorded: [...keys].filter((key) => recorded.has(key)).length,
    deliveries: countStates(rows.deliveries),
    byQueue: Object.fromEntries([...queues].sort(byRelation).map((dataQueue) => [dataQueue, ofQueue(dataQueue)])),
    lost: implied.filter((one) => !isSettled(one)).length,
  };
  const problems = findProblems(sums, keys.size - accepted.size, implied, rows);
  return { ...sums, problems };
}

/** In the order of the catalogue; an unknown data queue comes first, to be seen. */
function byRelation(a: string, b: string): number {
  const place = (name: string): number => relations.findIndex(({ dataQueue }) => dataQueue === name);
  return place(a) - place(b);
}

function countStates(deliveries: readonly DeliveryRow[]): Record<State, number> {
  const counts = { delivered: 0, parked: 0, discarded: 0, pending: 0 };
  for (const { state } of deliveries) counts[state] += 1;
  return counts;
}

/** The equations of an account, each that does not hold in words. */
function findProblems(
  { published, accepted, refused, duplicates, recorded, deliveries }: Omit<Account, 'problems'>,
  refusedLater: number,
  implied: readonly ImpliedDelivery[],
  rows: AccountRows,
): string[] {
  const made = rows.events.reduce((sum, { deliveryCount }) => sum + deliveryCount, 0);
  const stored = rows.deliveries.length;
  const expected = new Set(implied.map(({ id }) => id));
  const unanswered = published - accepted - duplicates - refused;
  const unrecorded = accepted - recorded - refusedLater;
  const unexpected = rows.deliveries.filter(({ id }) => !expected.has(id)).length;
  const problems = [
    unanswered !== 0 && `${unanswered} events got no answer from publish: neither a receipt nor a refusal.`,
    unrecorded !== 0 && `${unrecorded} accepted events are neither recorded nor refused at recording.`,
    made !== stored && `The events' rows speak of ${made} deliveries, but there are ${stored}.`,
    unexpected !== 0 && `${unexpected} deliveries follow from nothing that was published.`,
    deliveries.pending !== 0 && `${deliveries.pending} deliveries are still pending.`,
  ];
  return problems.filter((problem) => problem !== false);
}

import type { Transaction } from '../../db/database';
import type { Route } from '../../db/find-routes';
import type { NewDelivery, NewEvent } from '../../db/insert-events';
import type { ChatEvent } from '../../events/catalogue';
import { deliveryId } from '../../events/delivery-id';
import { eventIds } from '../../events/event-ids';
import { detachAttachments } from '../../events/detach-attachments';
import { matches } from '../../events/filter/matches';
import { withheldConsumers } from '../../events/withheld-consumers';
import { needsConnection } from '../consumers';
import { PAUSED } from '../failures';
import type { HashIds } from './id-hashes';

export interface ReadyEvent {
  readonly event: ChatEvent;
  readonly key: string;
  readonly hash: string;
}

/** Each event with the deliveries that the subscriptions of this moment make, and its attachments' bytes apart. */
export async function routeEvents(
  tx: Transaction,
  events: readonly ReadyEvent[],
  modes: Readonly<Record<string, unknown>>,
  hashIds: HashIds | null,
): Promise<(NewEvent & ChatEvent)[]> {
  if (events.length === 0) return [];
  const distinct = (values: readonly string[]) => [...new Set(values)];
  const routes = await tx.findRoutes(
    distinct(events.map(({ event }) => event.siteId)),
    distinct(events.map(({ event }) => event.type)),
  );
  return events.map(({ event, key, hash }) => {
    const { event: light, attachments } = detachAttachments(event);
    const withheld = withheldConsumers(event);
    const own = routes.filter(
      ({ siteId, eventType, consumer }) =>
        siteId === event.siteId && eventType === event.type && !withheld.includes(consumer),
    );
    return {
      ...light,
      key,
      contentHash: hash,
      ...toDeliveries(event, key, own, modes),
      attachments,
      ids: hashIds && hashIds(eventIds(event.type, event.data)),
    };
  });
}

function countFiltered(routes: readonly Route[]): number {
  const byQueue = new Map(routes.map(({ dataQueue, filtered }) => [dataQueue, filtered]));
  return [...byQueue.values()].reduce((sum, filtered) => sum + filtered, 0);
}

/**
 * One delivery per route whose filter takes the event; a consumer that needs a connection has none where the site has no connection.
 * Deliveries that a filter holds back are counted with those that lists of event types hold back.
 */
function toDeliveries(
  event: ChatEvent,
  key: string,
  routes: readonly Route[],
  known: Readonly<Record<string, unknown>>,
): Pick<NewEvent, 'deliveries'> & { readonly filteredCount: number } {
  const verdicts = new Map(
    routes.flatMap(({ dataQueue, filter }) =>
      filter === null ? [] : [[dataQueue, matches(filter, event.data)] as const],
    ),
  );
  let filteredCount = countFiltered(routes);
  const ordinals = new Map<string, number>();
  const names = new Set(routes.map(({ dataQueue }) => dataQueue));
  const deliveries = routes.flatMap(({ dataQueue, consumer, subscriptionState, connectionId }): NewDelivery[] => {
    if (connectionId === null && needsConnection(consumer)) return [];
    const takes = verdicts.has(dataQueue) ? verdicts.get(dataQueue) : true;
    if (takes === false) {
      filteredCount += 1;
      return [];
    }
    let ordinal = (ordinals.get(dataQueue) ?? 0) + 1;
    while (ordinal > 1 && names.has(`${dataQueue}#${ordinal}`)) ordinal += 1; // an old data queue may have # in its name
    ordinals.set(dataQueue, ordinal);
    const reason = subscriptionState === 'paused' ? PAUSED : takes === undefined ? UNREADABLE_FILTER : null;
    return [
      {
        id: deliveryId(key, dataQueue, connectionId ?? ''),
        dataQueue,
        label: ordinal === 1 ? dataQueue : `${dataQueue}#${ordinal}`,
        consumer,
        connectionId,
        parked: reason ?? (consumer in known ? null : UNKNOWN_CONSUMER),
      },
    ];
  });
  return { filteredCount, deliveries };
}

const UNKNOWN_CONSUMER = {
  type: 'InvalidConfig',
  message:
    'This version has no such consumer; correct the subscription, or install the version that has it, and redrive.',
};

const UNREADABLE_FILTER = {
  type: 'InvalidConfig',
  message:
    'This version cannot read the filter of the subscription; correct it, or install the version that has it, then redrive or discard.',
};

import { randomUUID } from 'node:crypto';
import type { NewDelivery, NewEvent } from '../db/insert-events';

/** An event as it is recorded, with a delivery per entry of `parked`: null = pending, else why it is parked from the start. */
export function newEvent(id: string, parked: readonly NewDelivery['parked'][] = [null]): NewEvent {
  const deliveries = parked.map((why, i) => ({
    id: randomUUID(),
    dataQueue: `Queue.${i}`,
    label: `Queue.${i}`,
    consumer: 'persistence',
    connectionId: null,
    parked: why,
  }));
  return {
    key: `Agent.Ban/7/${id}`,
    type: 'Agent.Ban',
    siteId: '7',
    id,
    receivedAt: '2026-11-20T10:00:00.000Z',
    data: { agentId: '1' },
    contentHash: `hash of ${id}`,
    deliveries,
    attachments: [],
  };
}

/** Of their deliveries, in order. */
export const idsOf = (...events: readonly NewEvent[]): string[] =>
  events.flatMap(({ deliveries }) => deliveries.map(({ id }) => id));

/** The owner that a test's deliveries have, and another. */
export const HERE = { cluster: 'main', workflowId: 'run' };
export const ELSEWHERE = { cluster: 'standby', workflowId: 'run' };

/** The outcome of a first try without a failure; a test adds id and state. */
export const outcome = {
  leaseToken: null,
  tries: 1 as const,
  delayMs: 0,
  failure: null,
  receipt: null,
  slotReserved: false,
  connectionEdition: 1,
};

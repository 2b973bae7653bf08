import { Connection, WorkflowClient } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { createPublisher, type EventType, type Publisher } from '../../client';
import { catalogue } from '../../events/catalogue';
import { chatEndedExample } from '../../events/chat-ended-example';
import { NAMESPACE } from '../../workflows/constants';
import { percentile } from './compare';

export interface FlowOptions {
  readonly publisher: Publisher;
  /** Waits for a workflow's end. @returns how many deliveries it brought to an end */
  readonly finish: (workflowId: string) => Promise<number>;
  /** Makes the data of the nth event. */
  readonly make: (n: number) => { readonly type: EventType; readonly data: object; readonly id?: string };
  /** Deliveries of each event. */
  readonly deliveries: number;
  readonly events: number;
  /** Published and not yet delivered, at any time. */
  readonly outstanding: number;
}

export interface Flow {
  readonly eventsPerSecond: number;
  readonly deliveredMs: { readonly p50: number; readonly p99: number };
  readonly workflows: number;
  readonly keys: readonly string[];
}

/**
 * Keeps so many events outstanding: the next is published when one has been delivered.
 *
 * @throws when a workflow ends without having delivered all it carried
 */
export async function measureFlow(options: FlowOptions): Promise<Flow> {
  const { publisher, finish, make, events, outstanding, deliveries } = options;
  const finishing = new Map<string, Promise<number>>();
  const carried = new Map<string, number>();
  const keys: string[] = [];
  const deliveredMs: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < events) {
      const { type, data, id } = make(next++);
      const called = performance.now();
      const { key, workflowId } = await publisher.publish(type, data, { id });
      carried.set(workflowId, (carried.get(workflowId) ?? 0) + deliveries);
      if (!finishing.has(workflowId)) finishing.set(workflowId, finish(workflowId));
      await finishing.get(workflowId);
      deliveredMs.push(performance.now() - called);
      keys.push(key);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: Math.min(outstanding, events) }, lane));
  const seconds = (performance.now() - started) / 1000;
  for (const [workflowId, expected] of carried) {
    const delivered = await finishing.get(workflowId);
    if (delivered !== expected) throw new Error(`${workflowId} delivered ${delivered} of ${expected}.`);
  }
  return {
    eventsPerSecond: events / seconds,
    deliveredMs: { p50: percentile(deliveredMs, 0.5), p99: percentile(deliveredMs, 0.99) },
    workflows: carried.size,
    keys,
  };
}

/** The types with one data queue, in turn, each as its catalogue's example of another id. */
export function singleQueueEvent(n: number, siteId = 10001) {
  const types = Object.keys(catalogue).filter((type) => type !== 'Chat.Ended' && type !== 'OfflineMessage.Submit');
  const type = types[n % types.length] as EventType; // it is a key
  return { type, data: { ...catalogue[type].example, SiteId: siteId }, id: randomUUID() };
}

export function chatEvent(siteId: string) {
  const { Chat, Visitor, ...others } = chatEndedExample;
  const id = randomUUID();
  const data = {
    Chat: { ...Chat, SiteId: Number(siteId), ChatId: id, SessionId: id },
    Visitor: { ...Visitor, Id: id },
    ...others,
  };
  return { type: 'Chat.Ended' as const, data };
}

/** A publisher and what waits for its workflows. */
export function openFlow(address: string, namespace = NAMESPACE) {
  const publisher = createPublisher({ clusters: [{ name: 'main', address, namespace }], deadlineMs: 60_000 });
  const connection = Connection.lazy({ address });
  const client = new WorkflowClient({ connection, namespace });
  return {
    publisher,
    async finish(workflowId: string): Promise<number> {
      const result: { delivered?: number } = await client.getHandle(workflowId).result();
      return result.delivered ?? 0;
    },
    close: async () => void (await Promise.all([publisher.close(), connection.close()])),
  };
}

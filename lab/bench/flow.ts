import { Connection, WorkflowClient } from '@temporalio/client';
import { createPublisher, type EventType, type Publisher, type WireData } from '../../client';
import { NAMESPACE } from '../../protocol/constants';
import { percentile } from './compare';

export interface FlowEvent {
  readonly type: EventType;
  readonly data: WireData[EventType];
  readonly id?: string;
}

export interface FlowOptions {
  /** Makes the nth event. */
  readonly make: (n: number) => FlowEvent;
  /** How many each event has. */
  readonly deliveries: number;
  readonly events: number;
  /** Published and not yet delivered, at any time. */
  readonly outstanding: number;
  /** Called with each event that is delivered. */
  readonly onDelivered?: (events: number) => void;
}

export interface FlowResult {
  readonly eventsPerSecond: number;
  readonly deliveredMs: { readonly p50: number; readonly p99: number };
  /** Workflows that carried the events. */
  readonly workflows: number;
  readonly keys: readonly string[];
}

export interface Flow {
  readonly publisher: Publisher;
  /** Resolves when the workflow has ended. @returns how many deliveries it did */
  finish(workflowId: string): Promise<number>;
  /**
   * Keeps so many events outstanding: the next is published when one has been delivered, as fast as the product lets it.
   *
   * @throws when a workflow ends without having delivered all that it carried
   */
  run(options: FlowOptions): Promise<FlowResult>;
  close(): Promise<void>;
}

/** A publisher whose events go in batches, and what waits for their workflows by long polls. */
export function openFlow(address: string, namespace = NAMESPACE): Flow {
  const publisher = createPublisher({ clusters: [{ name: 'main', address, namespace }], deadlineMs: 120_000 });
  const connection = Connection.lazy({ address });
  const client = new WorkflowClient({ connection, namespace });

  async function finish(workflowId: string): Promise<number> {
    const result: { delivered?: number } = await client.getHandle(workflowId).result();
    return result.delivered ?? 0;
  }

  async function run({ make, deliveries, events, outstanding, onDelivered }: FlowOptions): Promise<FlowResult> {
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
        onDelivered?.(keys.length);
      }
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: Math.min(outstanding, events) }, lane));
    const seconds = (performance.now() - started) / 1000;
    for (const [workflowId, expected] of carried) {
      const delivered = (await finishing.get(workflowId)) ?? 0; // others may be in it, too
      if (delivered < expected) throw new Error(`${workflowId} delivered ${delivered} of ${expected}.`);
    }
    return {
      eventsPerSecond: events / seconds,
      deliveredMs: { p50: percentile(deliveredMs, 0.5), p99: percentile(deliveredMs, 0.99) },
      workflows: carried.size,
      keys,
    };
  }

  return {
    publisher,
    finish,
    run,
    close: async () => void (await Promise.all([publisher.close(), connection.close()])),
  };
}

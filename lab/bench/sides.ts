import { Connection, WorkflowClient } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { createPublisher } from '../../client';
import { openCluster } from '../../client/open-cluster';
import { chatEndedExample } from '../../events/chat-ended-example';
import { NAMESPACE, TASK_QUEUE, WORKFLOW_TYPE } from '../../protocol/constants';
import { makeChat, type MadeEvent } from '../make-events';

/** One of those that are compared. */
export interface Side {
  readonly name: string;
  /** Hands a new event over; resolves when Temporal has it. */
  start(event: MadeEvent): Promise<Started>;
  close(): Promise<void>;
}

export interface Started {
  readonly key: string;
  readonly workflowId: string;
  /** Resolves when the run is closed: every delivery is final. Throws when the event was not delivered. */
  finish(): Promise<void>;
}

/** Namespace of the bare workflow, and with it its own task queue. */
export const BARE_NAMESPACE = 'bare';

/** Bytes of JSON that an event of either side has. */
export const eventBytes = (): number => Buffer.byteLength(JSON.stringify(makeInput(makeChat())));

const siteId = String(chatEndedExample.Chat.SiteId);
const makeInput = ({ type, data }: MadeEvent) => ({
  id: randomUUID(),
  type,
  siteId,
  receivedAt: new Date().toISOString(),
  data,
});

export interface ProductOptions {
  /** How many each event has. Default 1: it is only stored. */
  readonly deliveries?: number;
  /** Whether one workflow may carry several events. Default: each has its own, as on the other side. */
  readonly sharesWorkflows?: boolean;
}

/** Publishes as a chat server does. */
export function openProduct(address: string, { deliveries = 1, sharesWorkflows = false }: ProductOptions = {}): Side {
  const publisher = createPublisher({
    clusters: [{ name: 'main', address }],
    deadlineMs: 120_000,
    ...(!sharesWorkflows && { maxBatch: 1 }),
  });
  const watcher = watchRuns(address, NAMESPACE, deliveries);
  return {
    name: 'product',
    async start({ type, data, id }) {
      const { key, workflowId } = await publisher.publish(type, data, { id });
      return { key, workflowId, finish: watcher.add(workflowId) };
    },
    close: async () => void (await Promise.all([publisher.close(), watcher.close()])),
  };
}

/** Starts a workflow that has the same steps and the same input, with empty activities, and nothing that it can do without. */
export function openBare(address: string): Side {
  const starter = openCluster({ name: 'main', address, namespace: BARE_NAMESPACE });
  const watcher = watchRuns(address, BARE_NAMESPACE, 1);
  return {
    name: 'bare',
    async start(event) {
      const input = makeInput(event);
      const { id } = input;
      await starter.client.start(WORKFLOW_TYPE, { workflowId: id, taskQueue: TASK_QUEUE, args: [input] });
      return { key: id, workflowId: id, finish: watcher.add(id) };
    },
    close: async () => void (await Promise.all([starter.close(), watcher.close()])),
  };
}

/** Waits for runs by long polls, one for each workflow, on a connection of its own. */
function watchRuns(address: string, namespace: string, deliveries: number) {
  const connection = Connection.lazy({ address });
  const client = new WorkflowClient({ connection, namespace });
  const runs = new Map<string, { events: number; ending?: Promise<{ readonly delivered?: number }> }>();
  return {
    /** Counts one more event of a workflow. @returns the function that waits for its end */
    add(workflowId: string): () => Promise<void> {
      const run = runs.get(workflowId) ?? { events: 0 };
      runs.set(workflowId, run);
      run.events += 1;
      return async () => {
        run.ending ??= client.getHandle(workflowId).result();
        const { delivered = 0 } = await run.ending;
        const expected = deliveries * run.events;
        if (delivered < expected) throw new Error(`${workflowId} delivered ${delivered} of ${expected}.`);
      };
    },
    close: () => connection.close(),
  };
}

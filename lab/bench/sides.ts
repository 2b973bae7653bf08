import { Connection, WorkflowClient } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { createPublisher } from '../../client';
import { openCluster } from '../../client/open-cluster';
import { chatEndedExample } from '../../events/chat-ended-example';
import { NAMESPACE, TASK_QUEUE, WORKFLOW_TYPE } from '../../protocol/constants';

/** One of the two that are compared. */
export interface Side {
  readonly name: 'product' | 'bare';
  /** Hands one new event over; resolves when Temporal has it. */
  start(): Promise<Started>;
  close(): Promise<void>;
}

export interface Started {
  readonly key: string;
  /** Resolves when the run is closed: every delivery is final. Throws when the event was not delivered. */
  finish(): Promise<void>;
}

/** Namespace of the bare workflow, and with it its own task queue. */
export const BARE_NAMESPACE = 'bare';
const TYPE = 'Chat.Ended';

/** The catalogue's example as another chat of another visitor. */
export function makeChat(siteId: string = String(chatEndedExample.Chat.SiteId)) {
  const { Chat, Visitor, ...others } = chatEndedExample;
  const id = randomUUID();
  const data = {
    Chat: { ...Chat, SiteId: Number(siteId), ChatId: id, SessionId: id },
    Visitor: { ...Visitor, Id: id },
    ...others,
  };
  return { id, siteId, data };
}

/** Bytes of JSON that an event of either side has. */
export const eventBytes = (): number => Buffer.byteLength(JSON.stringify(makeInput().input));

function makeInput() {
  const { id, siteId, data } = makeChat();
  return { id, input: { id, type: TYPE, siteId, receivedAt: new Date().toISOString(), data } };
}

export interface ProductOptions {
  /** Whose events they are, in turn. */
  readonly siteIds: readonly string[];
  /** How many each event has. */
  readonly deliveries: number;
}

/** Publishes as a chat server does. Default: events of a site without connections, which are only stored. */
export function openProduct(address: string, { siteIds, deliveries = 1 }: Partial<ProductOptions> = {}): Side {
  let events = 0;
  /** Events by workflow: several may go in one batch. */
  const sizes = new Map<string, number>();
  // A workflow for each, as on the other side.
  const publisher = createPublisher({ clusters: [{ name: 'main', address }], deadlineMs: 60_000, maxBatch: 1 });
  const watcher = watchRuns(address, NAMESPACE);
  return {
    name: 'product',
    async start() {
      const { key, workflowId } = await publisher.publish(TYPE, makeChat(siteIds?.[events++ % siteIds.length]).data);
      sizes.set(workflowId, (sizes.get(workflowId) ?? 0) + 1);
      return { key, finish: () => watcher.finish(workflowId, () => deliveries * (sizes.get(workflowId) ?? 1)) };
    },
    close: async () => void (await Promise.all([publisher.close(), watcher.close()])),
  };
}

/** Starts a workflow that has the same steps and the same input, with empty activities, and nothing that it can do without. */
export function openBare(address: string): Side {
  const starter = openCluster({ name: 'main', address, namespace: BARE_NAMESPACE });
  const watcher = watchRuns(address, BARE_NAMESPACE);
  return {
    name: 'bare',
    async start() {
      const { id, input } = makeInput();
      await starter.client.start(WORKFLOW_TYPE, { workflowId: id, taskQueue: TASK_QUEUE, args: [input] });
      return { key: id, finish: () => watcher.finish(id, () => 1) };
    },
    close: async () => void (await Promise.all([starter.close(), watcher.close()])),
  };
}

/** Waits for runs by long polls, on a connection of its own. */
function watchRuns(address: string, namespace: string) {
  const connection = Connection.lazy({ address });
  const client = new WorkflowClient({ connection, namespace });
  return {
    /** @param deliveries how many there have to be, asked at the end: then every event of a batch is known */
    async finish(workflowId: string, deliveries: () => number): Promise<void> {
      const result: { delivered?: number } = await client.getHandle(workflowId).result();
      if (result.delivered !== deliveries())
        throw new Error(`${workflowId} was not delivered: ${JSON.stringify(result)}`);
    },
    close: () => connection.close(),
  };
}

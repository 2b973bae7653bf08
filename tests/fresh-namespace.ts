import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NAMESPACE } from '../protocol/constants';
import { EVENT_TYPE, PARKED_QUEUES, SITE_ID } from '../protocol/search-attributes';

export interface FreshNamespace {
  readonly namespace: string;
  /** Without our payload converter, as any other SDK. */
  readonly client: Client;
  close(): Promise<void>;
}

const INDEXED_VALUE_TYPES = { KEYWORD: 2, KEYWORD_LIST: 7 } as const; // temporal.api.enums.v1.IndexedValueType

/** A namespace with our search attributes that no worker polls: what is started in it stays open. */
export async function freshNamespace(address = process.env['TEST_TEMPORAL_ADDRESS']): Promise<FreshNamespace> {
  const namespace = `${NAMESPACE}-${randomUUID().slice(0, 8)}`;
  const connection = await Connection.connect({ ...(address !== undefined && { address }) });
  const workflowExecutionRetentionPeriod = { seconds: 86_400 } as never; // the wire type is a Long; a number will do
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  const searchAttributes = Object.fromEntries(
    [SITE_ID, EVENT_TYPE, PARKED_QUEUES].map(({ name, type }) => [name, INDEXED_VALUE_TYPES[type]]),
  );
  await untilKnown(() => connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
  await untilKnown(() => connection.workflowService.listWorkflowExecutions({ namespace, query: 'SiteId = "1"' }));
  return { namespace, client: new Client({ connection, namespace }), close: () => connection.close() };
}

/** The server's own parts learn of a new namespace a moment later. */
async function untilKnown(ask: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + 10_000; ; await pause(50)) {
    try {
      return void (await ask());
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

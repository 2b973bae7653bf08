import type { WorkflowClient } from '@temporalio/client';
import { WORKFLOW_TYPE } from '../protocol/constants';
import { eventWorkflow } from './event-workflow';

export interface ContinueEventOptions {
  /** Milliseconds until the call fails. Default 10,000. */
  readonly deadlineMs?: number;
}

/**
 * Carries on an event that the database knows: an open run is told to read its rows again, a closed or unknown one is started
 * with the key only, and with the hash of its content, by which publishers tell a repeat from an id used twice. The rows must name this cluster and key as their owner before this is called. One call, no retry: whoever
 * asks, the sweep for one, asks again.
 *
 * @throws ServiceError of the Temporal client when the cluster does not answer within the deadline
 */
export async function continueEvent(
  client: Pick<WorkflowClient, 'signalWithStart' | 'withDeadline'>,
  { key, contentHash }: { readonly key: string; readonly contentHash: string },
  { deadlineMs = 10_000 }: ContinueEventOptions = {},
): Promise<void> {
  await client.withDeadline(Date.now() + deadlineMs, () =>
    client.signalWithStart(WORKFLOW_TYPE, {
      ...eventWorkflow(key),
      args: [{ key }],
      memo: { contentHash },
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      signal: 'refresh',
      signalArgs: [],
    }),
  );
}

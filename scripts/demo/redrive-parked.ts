import type { WorkflowClient } from '@temporalio/client';
import type { DeliveryRow } from '../../db/demo/read-account-rows';

/** Sends the signal `redrive` to the workflows that wait with these deliveries. */
export async function redriveParked(client: WorkflowClient, parked: readonly DeliveryRow[]): Promise<void> {
  const queues = new Map<string, string[]>();
  for (const { workflowId, dataQueue } of parked) {
    queues.set(workflowId, [...(queues.get(workflowId) ?? []), dataQueue]);
  }
  await Promise.all([...queues].map(([id, names]) => client.getHandle(id).signal('redrive', names)));
}

/** What an operator types for the same: every open workflow that holds something parked of a data queue. */
export function redriveCommand(address: string, namespace: string, dataQueue: string): string {
  return [
    `temporal workflow signal --address ${address} --namespace ${namespace} \\`,
    `  --query 'ParkedQueues = "${dataQueue}"' --name redrive --input '["${dataQueue}"]' \\`,
    `  --reason 'the table is mended' --yes`,
  ].join('\n     ');
}

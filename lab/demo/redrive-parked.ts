import { WorkflowNotFoundError } from '@temporalio/client';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeliveryRow } from '../queries/read-account-rows';
import type { DemoCluster } from './main-dies';

/** A delivery that a batch parks has a run of its own as soon as the sweep has come by: 10 s, and minutes on a busy machine. */
const RUN_WITHIN_MS = 180_000;

/** Sends the signal `redrive` to the workflows that wait with these deliveries, each on its cluster. */
export async function redriveParked(clusters: readonly DemoCluster[], parked: readonly DeliveryRow[]): Promise<void> {
  const end = performance.now() + RUN_WITHIN_MS;
  await Promise.all(
    clusters.flatMap(({ name, client }) =>
      [...queuesByRun(parked.filter(({ cluster }) => cluster === name))].map(async ([id, queues]) => {
        while (!(await isSent(client.getHandle(id).signal('redrive', queues), end))) await pause(500);
      }),
    ),
  );
}

async function isSent(sending: Promise<void>, end: number): Promise<boolean> {
  return await sending.then(
    () => true,
    (error: unknown) => {
      if (error instanceof WorkflowNotFoundError && performance.now() < end) return false;
      throw error;
    },
  );
}

function queuesByRun(parked: readonly DeliveryRow[]): Map<string, string[]> {
  const queues = new Map<string, string[]>();
  for (const { workflowId, dataQueue } of parked) {
    queues.set(workflowId, [...(queues.get(workflowId) ?? []), dataQueue]);
  }
  return queues;
}

/** The same on the command line: every open workflow that holds something parked of a data queue. */
export function redriveCommand({ address, namespace }: DemoCluster, dataQueue: string): string {
  return [
    `temporal workflow signal --address ${address} --namespace ${namespace} \\`,
    `  --query 'ParkedQueues = "${dataQueue}" AND ExecutionStatus = "Running"' --name redrive --input '["${dataQueue}"]' \\`,
    `  --reason 'the table is mended' --yes`,
  ].join('\n     ');
}

import { WorkflowNotFoundError } from '@temporalio/client';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeliveryRow } from '../queries/read-account-rows';
import type { DemoCluster } from './main-dies';

/** A delivery that a batch parks has a run of its own as soon as the sweep has come by: 10 s, and minutes on a busy machine. */
const RUN_WITHIN_MS = 180_000;

/** Sends the signal `redrive` to the workflows that wait with these deliveries. */
export async function redriveParked(clusters: readonly DemoCluster[], parked: readonly DeliveryRow[]): Promise<void> {
  const end = performance.now() + RUN_WITHIN_MS;
  await Promise.all(
    groupByRun(parked).map(async ([{ workflowId, cluster }, queues]) => {
      // The other cluster may have taken the deliveries since their rows were read.
      const ordered = clusters.toSorted((a, b) => Number(b.name === cluster) - Number(a.name === cluster));
      while (!(await isSent(ordered, workflowId, queues))) {
        if (performance.now() > end)
          throw new Error(`No cluster has an open workflow ${workflowId}, whose delivery is parked.`);
        await pause(500);
      }
    }),
  );
}

/** @returns false: no cluster has an open workflow of this id */
async function isSent(clusters: readonly DemoCluster[], workflowId: string, queues: string[]): Promise<boolean> {
  for (const { client } of clusters) {
    try {
      await client.getHandle(workflowId).signal('redrive', queues);
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  return false;
}

function groupByRun(parked: readonly DeliveryRow[]): [Pick<DeliveryRow, 'workflowId' | 'cluster'>, string[]][] {
  const runs = new Map<string, [DeliveryRow, string[]]>();
  for (const row of parked) {
    const id = `${row.cluster} ${row.workflowId}`;
    runs.set(id, [row, [...(runs.get(id)?.[1] ?? []), row.dataQueue]]);
  }
  return [...runs.values()];
}

/** The same on the command line: every open workflow that holds something parked of a data queue. */
export function redriveCommand({ address, namespace }: DemoCluster, dataQueue: string): string {
  return [
    `temporal workflow signal --address ${address} --namespace ${namespace} \\`,
    `  --query 'ParkedQueues = "${dataQueue}" AND ExecutionStatus = "Running"' --name redrive --input '["${dataQueue}"]' \\`,
    `  --reason 'the table is mended' --yes`,
  ].join('\n     ');
}

import { Connection, WorkflowClient } from '@temporalio/client';
import { NAMESPACE, WORKFLOW_TYPE } from '../../protocol/constants';
import type { Injected } from './inject';
import type { System } from './open-system';

export interface Tasks {
  /** Workflow tasks that were handed out during the fault to runs that were started during it, per run; the most of any. Null: main does not say. */
  readonly mostPerRun: number | null;
  /** Runs of events and of batches that standby knows. Null: it does not say. */
  readonly runsOnStandby: number | null;
}

const SAMPLE = 100;
const WORKFLOW_TASK_STARTED = 6; // temporal.api.enums.v1.EventType

/** Reads the histories of the clusters; null for a cluster that does not answer. */
export async function countTasks({ servers }: System, { begin, end }: Injected): Promise<Tasks> {
  const between = `StartTime BETWEEN '${new Date(begin).toISOString()}' AND '${new Date(end).toISOString()}'`;
  const mostPerRun = await askCluster(servers.main.address, async (client) => {
    let most = 0;
    const runs = client.list({ query: `WorkflowType = '${WORKFLOW_TYPE}' AND ${between}`, pageSize: SAMPLE });
    let seen = 0;
    for await (const { workflowId, runId } of runs) {
      const { events = [] } = await client.getHandle(workflowId, runId).fetchHistory();
      const tasks = events?.filter(
        ({ eventType, eventTime }) =>
          Number(eventType) === WORKFLOW_TASK_STARTED && Number(eventTime?.seconds) * 1000 < end,
      );
      most = Math.max(most, tasks?.length ?? 0);
      if (++seen === SAMPLE) break;
    }
    return most;
  });
  const runsOnStandby = await askCluster(servers.standby.address, async (client) => {
    const { count } = await client.count(`WorkflowType = '${WORKFLOW_TYPE}'`);
    return count;
  });
  return { mostPerRun, runsOnStandby };
}

async function askCluster<T>(address: string, ask: (client: WorkflowClient) => Promise<T>): Promise<T | null> {
  const connection = Connection.lazy({ address, interceptors: [] });
  const client = new WorkflowClient({ connection, namespace: NAMESPACE });
  try {
    return await connection.withDeadline(Date.now() + 30_000, () => ask(client));
  } catch {
    return null;
  } finally {
    await connection.close();
  }
}

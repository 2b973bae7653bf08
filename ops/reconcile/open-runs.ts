import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { eachOf } from '../../activities/maintenance/each-of';
import { WORKFLOW_TYPE } from '../../protocol/constants';
import { PARKED_QUEUES } from '../../protocol/search-attributes';
import type { OpsCluster } from '../open-ops';
import { CommandFailure } from '../output';

/** An open workflow, as the list of the cluster has it. */
export interface OpenRun {
  readonly cluster: string;
  readonly workflowId: string;
  /** Milliseconds since 1970; of the run, which a workflow that continued as new has several of. */
  readonly startedAt: number;
  /** It has a parked delivery: its event was recorded. */
  readonly hasParked: boolean;
}

/** How the latest run of a workflow is. */
export interface RunState {
  /** RUNNING, COMPLETED, ... ; null = the cluster has none. */
  readonly status: string | null;
  /** It has activities or parked deliveries: its event was recorded. */
  readonly wasRecorded: boolean;
}

/** The workflows that a cluster knows. */
export interface ClusterRuns {
  readonly name: string;
  /** Every open workflow of an event or a batch, by id. Its list may lack those of the last second. */
  readonly open: ReadonlyMap<string, OpenRun>;
  /** By workflow id. @throws CommandFailure when the cluster does not answer */
  readonly describe: (workflowIds: Iterable<string>) => Promise<Map<string, RunState>>;
}

const DESCRIBE_WITHIN_MS = 60_000;

/** @returns a name: that cluster did not answer, and why */
export async function readOpenRuns(cluster: OpsCluster): Promise<ClusterRuns | { name: string; problem: string }> {
  const { name, namespace, connection, ask } = cluster;
  const client = new Client({ connection, namespace });
  const query = `WorkflowType = "${WORKFLOW_TYPE}" AND ExecutionStatus = "Running"`;
  const open = new Map<string, OpenRun>();
  try {
    await ask(async () => {
      for await (const { workflowId, startTime, typedSearchAttributes } of client.workflow.list({
        query,
        pageSize: 1_000,
      })) {
        const hasParked = (typedSearchAttributes.get(PARKED_QUEUES) ?? []).length > 0;
        open.set(workflowId, { cluster: name, workflowId, startedAt: startTime.getTime(), hasParked });
      }
    });
  } catch (error) {
    const { message } = error as Error; // of gRPC
    return { name, problem: message.split('\n')[0] ?? '' };
  }
  const describe = async (workflowId: string): Promise<RunState> => {
    try {
      const { status, raw, typedSearchAttributes } = await client.workflow.getHandle(workflowId).describe();
      const hasParked = (typedSearchAttributes.get(PARKED_QUEUES) ?? []).length > 0;
      return { status: status.name, wasRecorded: hasParked || (raw.pendingActivities ?? []).length > 0 };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { status: null, wasRecorded: false };
      throw error;
    }
  };
  return {
    name,
    open,
    describe: async (workflowIds) => {
      const states = new Map<string, RunState>();
      const undone = await ask(() =>
        eachOf(workflowIds, performance.now() + DESCRIBE_WITHIN_MS, async (workflowId) => {
          states.set(workflowId, await describe(workflowId));
        }),
      );
      if (undone.length > 0)
        throw new CommandFailure(`${name} did not say how ${undone.length} workflows are: repeat the command.`);
      return states;
    },
  };
}

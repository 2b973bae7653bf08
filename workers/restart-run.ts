import type { WorkflowClient, WorkflowExecutionDescription } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { v5 } from 'uuid';
import { GRPC, grpcCodeOf } from '../client/grpc-code';
import { DEPLOYMENT, WORKFLOW_TYPE } from '../protocol/constants';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Failures of one workflow task after which its run is restarted; the server reports a run after as many. */
const FAILURES = 5;
/** Newest events of a run among which its unread signals are looked for. */
const LATEST_EVENTS = 500;
const UNREAD_KEPT = new Set(['redrive', 'discard']);

/** Numbers of temporal.api.enums.v1; the package with their names is there for its types only. */
const TERMINATE_EXISTING = 3;
const ALLOW_DUPLICATE = 1;

/** The others have a time-out, and their starter starts them again. */
const TYPES = [WORKFLOW_TYPE, 'resumeDeliveries'];
const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

const REPORTED = [
  `WorkflowType IN (${quoted(TYPES)}) AND ExecutionStatus = "Running"`,
  'TemporalReportedProblems IN ("category=WorkflowTaskFailed", "category=WorkflowTaskTimedOut")',
].join(' AND ');

/**
 * Ids of the workflows whose open run the server reports, because its workflow task fails again and again. Servers before 1.30 report
 * none.
 *
 * @param which `startedBefore` leaves out younger runs, but not those of another release than `release`
 */
export async function findFailing(
  client: WorkflowClient,
  { startedBefore, release }: { readonly startedBefore: Date; readonly release: string | undefined },
  limit: number,
): Promise<string[]> {
  const ofAnother = release === undefined ? '' : ` OR TemporalWorkerDeploymentVersion != "${DEPLOYMENT}:${release}"`;
  const query = `${REPORTED} AND (StartTime < "${startedBefore.toISOString()}"${ofAnother})`;
  const found: string[] = [];
  try {
    for await (const { workflowId } of client.list({ query, pageSize: limit })) {
      found.push(workflowId);
      if (found.length >= limit) break;
    }
  } catch (error) {
    if (grpcCodeOf(error) !== GRPC.INVALID_ARGUMENT) throw error; // the server has no such attribute
  }
  return found;
}

/** The server's report about a workflow task of an open run that fails again and again; undefined: there is none. */
export function problemOf({ type, status, searchAttributes, raw }: WorkflowExecutionDescription): string | undefined {
  if (status.name !== 'RUNNING' || !TYPES.includes(type)) return undefined;
  const reported = searchAttributes['TemporalReportedProblems'];
  if (reported !== undefined && reported.length > 0) return reported.join(', ');
  const attempt = raw.pendingWorkflowTask?.attempt ?? 0;
  return attempt > FAILURES ? `attempt ${attempt} of one workflow task` : undefined;
}

/** Whether workers of another release have done its last workflow task; this release may not know the commands of that one. */
export function isOfAnother({ raw }: WorkflowExecutionDescription, release: string | undefined): boolean {
  const done = raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
  return release !== undefined && !!done && done !== release;
}

/**
 * Starts a workflow again, with the same input, in the place of its open run, which the server terminates in the same
 * transaction: an event that is not recorded yet is not lost. The new run reads from the rows which deliveries are done. An
 * operator's signals that the old run has not read are sent again. Of two callers at once, the server takes the first only.
 *
 * @throws the client's error, when the cluster does not answer or has no history of the run: nothing is changed then; or, after the
 * start, when the signals cannot be sent again
 */
export async function restartRun(client: WorkflowClient, workflowId: string, runId: string): Promise<void> {
  const { workflowService: service } = client;
  const { namespace, identity } = client.options;
  const execution = { workflowId, runId };
  const first = await service.getWorkflowExecutionHistory({ namespace, execution, maximumPageSize: 1 });
  const [begin] = first.history?.events ?? [];
  const started = begin?.workflowExecutionStartedEventAttributes;
  if (!begin || !started) throw new Error(`The history of ${workflowId} (${runId}) does not say how it was started.`);
  await service.startWorkflowExecution({
    namespace,
    workflowId,
    identity,
    requestId: runId, // the server knows a second caller by it, and leaves the new run of the first alone
    workflowIdReusePolicy: ALLOW_DUPLICATE,
    workflowIdConflictPolicy: TERMINATE_EXISTING,
    workflowType: started.workflowType ?? null,
    taskQueue: started.taskQueue ?? null,
    input: started.input ?? null,
    memo: started.memo ?? null,
    header: started.header ?? null,
    priority: started.priority ?? null,
    workflowTaskTimeout: started.workflowTaskTimeout ?? null,
    searchAttributes: { indexedFields: withoutServers(started.searchAttributes?.indexedFields ?? {}) },
    userMetadata: begin.userMetadata ?? null,
  });
  // Read now that the old run is closed: no signal can reach it any more.
  const latest = { namespace, execution, maximumPageSize: LATEST_EVENTS };
  const { history } = await service.getWorkflowExecutionHistoryReverse(latest);
  for (const { eventId, signalName, input } of unreadSignals(history?.events ?? [])) {
    await service.signalWorkflowExecution({
      namespace,
      identity,
      workflowExecution: { workflowId },
      signalName: signalName ?? '',
      input: input ?? null,
      requestId: v5(String(eventId), runId),
    });
  }
}

/** Attributes that the server and the SDK set; they say something about the old run. */
const withoutServers = <T>(attributes: Record<string, T>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(attributes).filter(([name]) => !name.startsWith('Temporal') && name !== 'BuildIds'),
  );

/** Those after the last workflow task that was completed, oldest first. @param events newest first */
function unreadSignals(events: readonly HistoryEvent[]) {
  const last = events.findIndex(({ workflowTaskCompletedEventAttributes: completed }) => completed);
  return events
    .slice(0, last === -1 ? undefined : last)
    .flatMap(({ eventId, workflowExecutionSignaledEventAttributes: signaled }) =>
      signaled ? [{ ...signaled, eventId }] : [],
    )
    .filter(({ signalName }) => UNREAD_KEPT.has(signalName ?? ''))
    .toReversed();
}

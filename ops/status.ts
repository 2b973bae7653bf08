import { Connection, type ConnectionOptions } from '@temporalio/client';
import type { Command } from 'commander';
import { readBacklog, type Backlog, type ParkedGroup } from '../db/read-backlog';
import { TASK_QUEUE } from '../protocol/constants';
import { readClustersAlone, type ClusterConfig } from '../workers/clusters';
import type { Ops } from './open-ops';
import { CommandFailure, print, table, type Column, type JsonOption } from './output';

const ANSWER_WITHIN_MS = 2_000;
/** Groups of parked deliveries that are shown. */
const MOST_GROUPS = 50;
/** A sweep that runs every 10 s has missed several runs. */
const SWEEP_LATE_MS = 90_000;
const WORKFLOW_QUEUE = 1; // temporal.api.enums.v1.TaskQueueType

/** Something that a person has to do. */
interface Task {
  readonly what: string;
  /** What to run or to read. */
  readonly remedy: string;
}

interface ClusterState {
  readonly name: string;
  readonly address: string;
  /** Why it does not answer; null = it answers. */
  readonly problem: string | null;
  /** Workers that asked for work in the last minutes. */
  readonly workers: number;
  /** Null = there is none, or it is not known. `lastRun`: ISO. */
  readonly sweep: { readonly paused: boolean; readonly lastRun: string | null } | null;
}

interface Status extends Backlog {
  readonly clusters: readonly ClusterState[];
  readonly toDo: readonly Task[];
}

/** `ops status`: one screen that says what is unfinished and what a person has to do; fails when that is anything. */
export function addStatusCommand(status: Command, ops: Ops): void {
  status.option('--json', 'as JSON').action(async ({ json }: JsonOption) => {
    const environment = await ops.environment();
    const [backlog, clusters] = await Promise.all([
      ops.database().then((db) => readBacklog(db, MOST_GROUPS)),
      Promise.all(environment['TEMPORAL_ADDRESS'] ? readClustersAlone(environment).map(readCluster) : []),
    ]);
    const found: Status = { ...backlog, clusters, toDo: findTasks(backlog, clusters) };
    print(json ? JSON.stringify(found, undefined, 2) : describe(found));
    if (found.toDo.length > 0) throw new CommandFailure(`To do: ${found.toDo.length}.`);
  });
}

async function readCluster({ name, address, namespace, connection: options }: ClusterConfig): Promise<ClusterState> {
  // Made by @temporalio/envconfig for either kind of connection.
  const connection = Connection.lazy({ ...(options as ConnectionOptions), interceptors: [] });
  const { workflowService } = connection;
  const ask = <T>(call: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
  const taskQueue = { name: TASK_QUEUE };
  try {
    const [{ pollers }, sweep] = await Promise.all([
      ask(() => workflowService.describeTaskQueue({ namespace, taskQueue, taskQueueType: WORKFLOW_QUEUE })),
      ask(() => workflowService.describeSchedule({ namespace, scheduleId: 'sweep' })).catch(() => null),
    ]);
    const seconds = sweep?.info?.recentActions?.at(-1)?.actualTime?.seconds;
    return {
      name,
      address,
      problem: null,
      workers: new Set(pollers.map(({ identity }) => identity)).size,
      sweep: sweep && {
        paused: sweep.schedule?.state?.paused === true,
        lastRun: seconds ? new Date(Number(seconds) * 1000).toISOString() : null,
      },
    };
  } catch (error) {
    const { message } = error as Error; // gRPC's
    return { name, address, problem: message.split('\n')[0] ?? '', workers: 0, sweep: null };
  } finally {
    await connection.close();
  }
}

function findTasks(
  { parked, parkedDeliveries, pending, brokenConnections, refused }: Backlog,
  clusters: readonly ClusterState[],
): Task[] {
  const doctor = 'npm run ops -- doctor';
  const paused = sum(parked.filter(({ failure }) => failure === 'Paused'));
  const broken = sum(parked.filter(({ failure }) => failure === 'ConnectionBroken'));
  const others = parkedDeliveries - paused - broken;
  const late = (lastRun: string | null): boolean =>
    lastRun !== null && Date.now() - Date.parse(lastRun) > SWEEP_LATE_MS;
  return [
    ...clusters.flatMap(({ name, problem, workers, sweep }) => {
      if (problem !== null) return [{ what: `${name} does not answer: ${problem}`, remedy: doctor }];
      return [
        workers === 0 && { what: `No worker takes work from ${name}`, remedy: `start one; ${doctor}` },
        sweep === null && { what: `${name} has no sweep`, remedy: 'start a worker: it makes the schedule `sweep`' },
        sweep?.paused && {
          what: `The sweep of ${name} is paused`,
          remedy: 'temporal schedule toggle --unpause --schedule-id sweep',
        },
        sweep && late(sweep.lastRun) && { what: `The sweep of ${name} ran last at ${sweep.lastRun}`, remedy: doctor },
      ].filter((task): task is Task => Boolean(task));
    }),
    ...brokenConnections.map(({ connection, reason }) => ({
      what: `The connection ${connection} is broken${reason ? `: ${reason}` : ''}`,
      remedy: `npm run ops -- connections mend ${connection}`,
    })),
    ...(pending.overdue > 0
      ? [
          {
            what: `Overdue deliveries: ${pending.overdue}, the first since ${pending.overdueSince}`,
            remedy: `start more workers; ${doctor}`,
          },
        ]
      : []),
    ...(others > 0
      ? [
          {
            what: `Parked deliveries that need a decision: ${others}`,
            remedy: 'npm run ops -- deliveries list --state parked; docs/failures.md',
          },
        ]
      : []),
    ...(refused.events > 0
      ? [
          {
            what: `Refused events of the last 24 hours: ${refused.events}`,
            remedy: 'npm run ops -- events refused; publish them again, corrected',
          },
        ]
      : []),
  ];
}

const sum = (groups: readonly ParkedGroup[]): number => groups.reduce((all, { deliveries }) => all + deliveries, 0);

function describe({ clusters, pending, parked, parkedDeliveries, brokenConnections, refused, toDo }: Status): string {
  const { deliveries, retried, overdue, oldest } = pending;
  const shown = sum(parked);
  return [
    clusters.length === 0 ? 'No cluster is configured: set TEMPORAL_ADDRESS.' : table(clusters, CLUSTER_COLUMNS),
    '',
    `Pending deliveries: ${deliveries}${deliveries === 0 ? '' : ` (tried before: ${retried}, overdue: ${overdue}; the oldest since ${oldest})`}`,
    `Parked deliveries: ${parkedDeliveries}`,
    ...(parked.length === 0 ? [] : [table(parked, PARKED_COLUMNS)]),
    ...(shown < parkedDeliveries ? [`In smaller groups: ${parkedDeliveries - shown}`] : []),
    `Broken connections: ${brokenConnections.length}`,
    `Refused events of the last 24 hours: ${refused.events}`,
    '',
    ...(toDo.length === 0
      ? ['Nothing to do.']
      : ['To do:', ...toDo.flatMap(({ what, remedy }) => [`  ${what}`, `    -> ${remedy}`])]),
  ].join('\n');
}

const CLUSTER_COLUMNS: readonly Column<ClusterState>[] = [
  { title: 'CLUSTER', of: ({ name }) => name },
  { title: 'ADDRESS', of: ({ address }) => address },
  { title: 'STATE', of: ({ problem }) => (problem === null ? 'answers' : 'does not answer') },
  { title: 'WORKERS', of: ({ problem, workers }) => (problem === null ? workers : '?') },
  { title: 'LAST SWEEP', of: ({ sweep }) => (sweep?.paused ? 'paused' : (sweep?.lastRun ?? '')) },
];

const PARKED_COLUMNS: readonly Column<ParkedGroup>[] = [
  { title: 'SITE', of: ({ siteId }) => siteId },
  { title: 'DATA QUEUE', of: ({ dataQueue }) => dataQueue },
  { title: 'FAILURE', of: ({ failure }) => failure },
  { title: 'DELIVERIES', of: ({ deliveries }) => deliveries },
  { title: 'OLDEST', of: ({ oldest }) => oldest },
];

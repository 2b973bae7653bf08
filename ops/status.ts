import { Connection, type ConnectionOptions } from '@temporalio/client';
import type { Command } from 'commander';
import { apiKeyOf } from '../client/api-key';
import { readBacklog, type Backlog, type ParkedGroup } from '../db/read-backlog';
import { TASK_QUEUE } from '../protocol/constants';
import { readClustersAlone, toClusterOptions, type ClusterConfig } from '../workers/clusters';
import type { Ops } from './open-ops';
import { CommandFailure, print, table, type Column, type JsonOption } from './output';

const ANSWER_WITHIN_MS = 2_000;
/** Groups of parked deliveries that are shown. */
const MOST_GROUPS = 50;
/** A sweep that runs every 10 s has missed several runs. */
const SWEEP_LATE_MS = 90_000;
const WORKFLOW_QUEUE = 1; // temporal.api.enums.v1.TaskQueueType

/** Headings of docs/runbook.md. */
export const RUNBOOK_SECTIONS = [
  'A cluster does not answer',
  'No worker takes work',
  'The sweep does not run',
  'Deliveries are overdue',
  'A connection is broken',
  'Deliveries are parked',
  'Events were refused',
] as const;

type RunbookSection = (typeof RUNBOOK_SECTIONS)[number];

/** Something that a person has to do. */
interface Task {
  readonly what: string;
  /** What to run. */
  readonly remedy: string;
  /** Heading of its section in docs/runbook.md. */
  readonly section: RunbookSection;
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

async function readCluster(cluster: ClusterConfig): Promise<ClusterState> {
  const { name, address, namespace, connection: options } = cluster;
  const apiKey = apiKeyOf(toClusterOptions(cluster));
  // Made by @temporalio/envconfig for either kind of connection.
  const connection = Connection.lazy({
    ...(options as ConnectionOptions),
    ...(apiKey && { apiKey }),
    interceptors: [],
  });
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

const DOCTOR = 'npm run ops -- doctor';

function findTasks(backlog: Backlog, clusters: readonly ClusterState[]): Task[] {
  const { pending, undecided, brokenConnections, refused } = backlog;
  const rows: readonly [isSo: boolean, section: RunbookSection, what: string, remedy: string][] = [
    ...clusters.flatMap(tasksOfCluster),
    ...brokenConnections.map(({ connection, reason }): (typeof rows)[number] => [
      true,
      'A connection is broken',
      `${connection}${reason ? `: ${reason}` : ''}`,
      `npm run ops -- connections mend ${connection}`,
    ]),
    [
      pending.overdue > 0,
      'Deliveries are overdue',
      `${pending.overdue}, the first since ${pending.overdueSince}`,
      `start more workers; ${DOCTOR}`,
    ],
    [undecided > 0, 'Deliveries are parked', `${undecided}`, 'npm run ops -- deliveries list --state parked'],
    [
      refused.events > 0,
      'Events were refused',
      `${refused.events} in the last 24 hours`,
      'npm run ops -- events refused',
    ],
  ];
  return rows.filter(([isSo]) => isSo).map(([, section, what, remedy]) => ({ section, what, remedy }));
}

function tasksOfCluster({ name, problem, workers, sweep }: ClusterState): [boolean, RunbookSection, string, string][] {
  if (problem !== null) return [[true, 'A cluster does not answer', `${name}: ${problem}`, DOCTOR]];
  const lastRun = sweep?.lastRun ?? null;
  const isLate = lastRun !== null && Date.now() - Date.parse(lastRun) > SWEEP_LATE_MS;
  const toggle = 'temporal schedule toggle --unpause --schedule-id sweep';
  return [
    [workers === 0, 'No worker takes work', name, `start a worker; ${DOCTOR}`],
    [sweep === null, 'The sweep does not run', `${name} has no schedule of this name`, 'start a worker: it makes it'],
    [sweep?.paused === true, 'The sweep does not run', `it is paused on ${name}`, toggle],
    [sweep?.paused === false && isLate, 'The sweep does not run', `${name}: its last run was at ${lastRun}`, DOCTOR],
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
      : [
          'To do (docs/runbook.md has a section for each):',
          ...toDo.flatMap(({ section, what, remedy }) => [`  ${section}: ${what}`, `    -> ${remedy}`]),
        ]),
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

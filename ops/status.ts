import { setImmediate } from 'node:timers/promises';
import type { Command } from 'commander';
import { readBacklog, type Backlog, type ParkedGroup } from '../db/read-backlog';
import type { Ops } from './open-ops';
import type { ClusterState } from './read-clusters';
import { readStorage, type Storage } from './read-storage';
import { CommandFailure, commandName, print, table, type Column, type JsonOption } from './output';

/** Groups of parked deliveries that are shown. */
const MOST_GROUPS = 50;
/** A sweep that runs every 10 s has missed several runs. */
const SWEEP_LATE_MS = 90_000;

/** Share of the disk of the database. */
const DISK_FULL_FROM = 0.8;

/** Headings of docs/runbook.md. */
export const RUNBOOK_SECTIONS = [
  'A cluster does not answer',
  'No worker takes work',
  'The sweep does not run',
  'Deliveries are overdue',
  'A connection is broken',
  'Deliveries are parked',
  'Events were refused',
  'A replica is away, or a disk fills',
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

interface Status extends Backlog {
  readonly storage: Storage;
  readonly clusters: readonly ClusterState[];
  readonly toDo: readonly Task[];
}

/** `ops status`: one screen with clusters, unfinished deliveries and tasks for a person; fails when there is a task. */
export function addStatusCommand(status: Command, ops: Ops): void {
  status.option('--json', 'as JSON').action(async ({ json }: JsonOption) => {
    const db = await ops.database();
    const storage = await readStorage(db); // opens the session
    const [backlog, clusters] = await Promise.all([readBacklog(db, MOST_GROUPS), loadAndRead(ops)]);
    const toDo = [...findTasks(backlog, clusters), ...tasksOfStorage(storage)];
    const found: Status = { ...backlog, clusters, storage, toDo };
    print(json ? JSON.stringify(found, undefined, 2) : describe(found));
    if (found.toDo.length > 0) throw new CommandFailure(`To do: ${found.toDo.length}.`);
  });
}

const doctor = (): string => `${commandName()} doctor`;

/** The database works while Temporal's client is loaded, which takes this thread longer than the statement takes the database. */
async function loadAndRead(ops: Ops): Promise<readonly ClusterState[]> {
  await setImmediate(); // so that the statement is sent before
  const { readClusters } = await import('./read-clusters.js');
  return await readClusters(ops);
}

function findTasks(backlog: Backlog, clusters: readonly ClusterState[]): Task[] {
  const { pending, undecided, brokenConnections, refused } = backlog;
  const rows: readonly [isSo: boolean, section: RunbookSection, what: string, remedy: string][] = [
    ...clusters.flatMap(tasksOfCluster),
    ...brokenConnections.map(({ connection, reason }): (typeof rows)[number] => [
      true,
      'A connection is broken',
      `${connection}${reason ? `: ${reason}` : ''}`,
      `${commandName()} connections mend ${connection}`,
    ]),
    [
      pending.overdue > 0,
      'Deliveries are overdue',
      `${pending.overdue}, the first since ${pending.overdueSince}`,
      `start more workers; ${doctor()}`,
    ],
    [undecided > 0, 'Deliveries are parked', `${undecided}`, `${commandName()} deliveries list --state parked`],
    [
      refused.events > 0,
      'Events were refused',
      `${refused.events} in the last 24 hours`,
      `${commandName()} events refused`,
    ],
  ];
  return rows.filter(([isSo]) => isSo).map(([, section, what, remedy]) => ({ section, what, remedy }));
}

function tasksOfStorage({ databaseBytes, diskUsed }: Storage): Task[] {
  if (diskUsed === null || diskUsed < DISK_FULL_FROM) return [];
  const what = `the disk of the database is ${percent(diskUsed)} full; the database has ${size(databaseBytes)}`;
  const remedy = `a larger disk, or ${commandName()} retention set`;
  return [{ section: 'A replica is away, or a disk fills', what, remedy }];
}

const percent = (part: number): string => `${Math.round(100 * part)} %`;
const size = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function tasksOfCluster({ name, problem, workers, sweep }: ClusterState): [boolean, RunbookSection, string, string][] {
  if (problem !== null) return [[true, 'A cluster does not answer', `${name}: ${problem}`, doctor()]];
  const lastRun = sweep?.lastRun ?? null;
  const isLate = lastRun !== null && Date.now() - Date.parse(lastRun) > SWEEP_LATE_MS;
  return [
    [workers === 0, 'No worker takes work', name, `start a worker; ${doctor()}`],
    [sweep === null, 'The sweep does not run', `${name} has no schedule of this name`, 'start a worker: it makes it'],
    [sweep?.paused === true, 'The sweep does not run', `it is paused on ${name}`, sweep?.unpause ?? ''],
    [sweep?.paused === false && isLate, 'The sweep does not run', `${name}: its last run was at ${lastRun}`, doctor()],
  ];
}

const sum = (groups: readonly ParkedGroup[]): number => groups.reduce((all, { deliveries }) => all + deliveries, 0);

function describe({
  clusters,
  storage,
  pending,
  parked,
  parkedDeliveries,
  brokenConnections,
  refused,
  erasures,
  toDo,
}: Status): string {
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
    ...(erasures.waiting === 0
      ? []
      : [
          `Erasures that wait until each cluster has deleted their workflows: ${erasures.waiting}, since ${erasures.since}`,
        ]),
    `Database: ${size(storage.databaseBytes)}, its disk ${storage.diskUsed === null ? 'not known from here' : `${percent(storage.diskUsed)} full`}`,
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

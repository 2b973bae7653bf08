import { ScheduleAlreadyRunning, ScheduleClient, ScheduleNotFoundError } from '@temporalio/client';
import { InvalidArgumentError, type Command } from 'commander';
import { listRetention, removeRetention, setRetention, type RetentionRule } from '../db/retention';
import { readEventType } from '../events/read-identity';
import { MAINTENANCE_PRIORITY, TASK_QUEUE } from '../protocol/constants';
import type { Ops, OpsCluster } from './open-ops';
import { CommandFailure, printDone, printList, type Column, type JsonOption } from './output';

const SCHEDULE = 'retention';
const HOUR_MS = 3_600_000;
/** A round that hangs would keep all later ones from starting. */
const ROUND_TIMEOUT_MS = 24 * HOUR_MS;

/** `ops retention ...`: how long events are kept. */
export function addRetentionCommands(retention: Command, ops: Ops): void {
  retention
    .command('list')
    .description('for how many days each kind of data is kept, and whether the rounds that delete are scheduled')
    .option('--json', 'as JSON')
    .action(async ({ json }: JsonOption) => {
      const rules = await listRetention(await ops.database());
      if (json) return printDone('', { rules, schedules: await readSchedules(ops) }, { json });
      printList(rules, COLUMNS, { json, empty: 'Everything is kept for ever: there is no rule.' });
      if (rules.length === 0) return;
      for (const { cluster, says } of await readSchedules(ops)) process.stdout.write(`${cluster}: ${says}\n`);
    });

  retention
    .command('set')
    .description('keep something for so many days; a round every hour deletes what is older, once it is settled')
    .argument('<what>', 'an event type, "all" types that have no rule, "refused" events, or "tombstones"', readWhat)
    .requiredOption('--days <n>', 'from 1', readDays)
    .option('--tables', 'of events: with the rows of the tables that they have filled')
    .option('--json', 'as JSON')
    .action(async (what: string, { days, tables = false, ...output }: SetOptions) => {
      if (tables && (what === 'refused' || what === 'tombstones'))
        throw new CommandFailure('--tables goes with an event type, or with "all".');
      const rule = { what, days, tables };
      await setRetention(await ops.database(), rule);
      const scheduled = await Promise.all((await ops.clusters()).map(ensureSchedule));
      if (!scheduled.some(({ problem }) => problem === null))
        throw new CommandFailure(
          `The rule is set, and no cluster took the schedule: ${scheduled[0]?.problem ?? 'none is known'}. Repeat the command.`,
        );
      const away = scheduled.flatMap(({ cluster, problem }) =>
        problem === null
          ? []
          : [` ${cluster} did not take the schedule (${problem}): another cluster's rounds are enough.`],
      );
      printDone(
        `Set: ${DESCRIBED[what] ?? what}, ${days} days${tables ? ', with the rows of their tables' : ''}.${away.join('')}`,
        { ...rule, scheduled },
        output,
      );
    });

  retention
    .command('remove')
    .description('keep it for ever again')
    .argument('<what>', 'as it was set', readWhat)
    .option('--json', 'as JSON')
    .action(async (what: string, output: JsonOption) => {
      if (!(await removeRetention(await ops.database(), what)))
        throw new CommandFailure('There is no such rule; see "retention list".');
      printDone('Removed.', { what }, output);
    });
}

interface SetOptions extends JsonOption {
  readonly days: number;
  readonly tables?: boolean;
}

/** How the rules that are no event type read. */
const DESCRIBED: Readonly<Record<string, string>> = {
  '*': 'events of all types without a rule',
  refused: 'refused events',
  tombstones: 'tombstones',
};

function readWhat(text: string): string {
  if (text === 'all' || text === '*') return '*';
  const what = Object.hasOwn(DESCRIBED, text) ? text : readEventType(text);
  if (what !== undefined) return what;
  throw new InvalidArgumentError('Expected an event type such as Visit.Log, or all, refused or tombstones.');
}

function readDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 36_500) return days;
  throw new InvalidArgumentError('Expected a whole number of days, from 1 to 36500.');
}

const clientOf = ({ connection, namespace }: OpsCluster): ScheduleClient =>
  new ScheduleClient({ connection, namespace });

/** Makes the schedule of the rounds; one that is there stays as it is, paused or not. */
async function ensureSchedule(cluster: OpsCluster): Promise<{ cluster: string; problem: string | null }> {
  const action = {
    type: 'startWorkflow',
    workflowType: 'pruneEvents',
    taskQueue: TASK_QUEUE,
    workflowId: SCHEDULE,
    workflowExecutionTimeout: ROUND_TIMEOUT_MS,
    priority: MAINTENANCE_PRIORITY, // the SDK sends it, though its type for new schedules does not know it
  } as const;
  const made = cluster.ask(() =>
    clientOf(cluster).create({
      scheduleId: SCHEDULE,
      spec: { intervals: [{ every: HOUR_MS }] },
      policies: { overlap: 'SKIP', catchupWindow: HOUR_MS },
      action,
    }),
  );
  return await made.then(
    () => ({ cluster: cluster.name, problem: null }),
    (error: Error) => ({
      cluster: cluster.name,
      problem: error instanceof ScheduleAlreadyRunning ? null : (error.message.split('\n')[0] ?? ''),
    }),
  );
}

async function readSchedules(ops: Ops): Promise<{ cluster: string; says: string }[]> {
  return await Promise.all(
    (await ops.clusters()).map(async (cluster) => {
      const says = await cluster
        .ask(() => clientOf(cluster).getHandle(SCHEDULE).describe())
        .then(({ state, info }) => {
          const last = info.recentActions.at(-1)?.takenAt.toISOString();
          return `${state.paused ? 'the schedule "retention" is paused' : 'a round every hour'}, the last ${last ?? 'not yet'}`;
        })
        .catch((error: Error) =>
          error instanceof ScheduleNotFoundError ? 'no schedule "retention"' : (error.message.split('\n')[0] ?? ''),
        );
      return { cluster: cluster.name, says };
    }),
  );
}

const COLUMNS: readonly Column<RetentionRule>[] = [
  { title: 'WHAT', of: ({ what }) => DESCRIBED[what] ?? what },
  { title: 'DAYS', of: ({ days }) => days },
  { title: 'ROWS OF TABLES', of: ({ tables }) => (tables ? 'deleted, too' : 'stay') },
];

import { randomUUID } from 'node:crypto';
import { Option, type Command } from 'commander';
import type { WorkflowHandle } from '@temporalio/client';
import { failureTypes } from '../activities/failures';
import { isUnfinished, listDeliveries, type DeliveryFilter, type ListedDelivery } from '../db/list-deliveries';
import { isDataQueue } from '../db/subscriptions';
import type { Tx } from '../db/tx';
import { deliveryStates } from '../db/read-deliveries';
import { countLeftOut, countParked, countWaiting, type LeftOut, type ParkedCount } from '../db/resume-deliveries';
import type { Resumed, ResumeInput } from '../workflows/resume-deliveries';
import { checkSite } from './check-site';
import { STANDING_COLUMNS, WHY_COLUMN } from './delivery-columns';
import { findConnection } from './find-connection';
import { sayMore, withListOptions, type ListOptions as ListRange } from './list-options';
import type { Ops } from './open-ops';
import { CommandFailure, print, printDone, printList, type Column, type JsonOption } from './output';
import { readEventTypeOption, readSite, readTimeOrAge } from './read-input';
import { addResendCommand } from './resend';
import { checkRate, noSuchQueue, rateOption, startResuming } from './start-resuming';

interface Chosen {
  readonly site?: string;
  readonly type?: string;
  readonly queue?: string;
  readonly failure?: string;
}

interface ListOptions extends Chosen, ListRange {
  readonly state?: readonly string[];
  readonly consumer?: string;
  readonly connection?: string;
  readonly text?: string;
}

interface ChangeOptions extends Chosen, JsonOption {
  readonly before?: string;
  readonly rate: number;
  readonly dryRun?: boolean;
  readonly wait: boolean;
}

/** `ops deliveries ...`: lists deliveries, and redrives or discards many. */
export function addDeliveryCommands(deliveries: Command, ops: Ops): void {
  withListOptions(withChoice(deliveries.command('list')))
    .description('deliveries of events that were received in a time, oldest event first; none of their data')
    .addOption(new Option('--state <state...>', 'default: pending and parked').choices(deliveryStates))
    .option('--consumer <name>', 'such as webhook')
    .option('--connection <name>', 'its id, or site/consumer/name')
    .option('--text <text>', "a part of the failure's message")
    .action(async (options: ListOptions) => {
      const { site, type, connection, state = ['pending', 'parked'], limit, json, ...rest } = options;
      const db = await ops.database();
      await checkQueue(db, rest.queue);
      const connectionId = connection === undefined ? undefined : (await findConnection(db, connection)).id;
      const filter: DeliveryFilter = { ...rest, states: state, siteId: site, eventType: type, connectionId };
      if (!isUnfinished(filter) && site === undefined && type === undefined) {
        throw new CommandFailure('Give --site or --type: there are too many finished deliveries to look at all.');
      }
      const found = await listDeliveries(db, filter, limit);
      if (found.length === 0) await checkSite(db, site);
      printList(found, COLUMNS, { json, empty: 'There is no such delivery.' });
      sayMore(found.length, 'oldest', options);
    });

  addResendCommand(deliveries, ops);
  for (const [action, does] of [
    ['redrive', 'send parked deliveries again, and those that wait for their next try'],
    ['discard', 'give parked deliveries up, on the record'],
  ] as const) {
    withChoice(deliveries.command(action))
      .description(`${does}: on both clusters, oldest event first, at a rate`)
      .option('--before <time>', 'those that were parked before: ISO time, or an age such as 24h', readTimeOrAge)
      .addOption(rateOption())
      .option('--json', 'as JSON')
      .option('--dry-run', 'only count them')
      .option('--no-wait', 'end at once; the workflow goes on')
      .action((options: ChangeOptions) => change(ops, action, options));
  }
}

const withChoice = (command: Command): Command =>
  command
    .option('--site <id>', 'those of this site', readSite)
    .option('--type <type>', 'those of this event type', readEventTypeOption)
    .option('--queue <name>', 'those of this data queue, with or without #n')
    .addOption(new Option('--failure <type>', 'those with this failure').choices(Object.keys(failureTypes)));

/** A misspelt name would select nothing, without a word. */
async function checkQueue(db: Tx, queue: string | undefined): Promise<void> {
  const [name] = queue?.split('#') ?? [];
  if (name !== undefined && !(await isDataQueue(db, name))) throw noSuchQueue(name);
}

const count = (deliveries: number): string => `${deliveries} ${deliveries === 1 ? 'delivery' : 'deliveries'}`;

async function change(ops: Ops, action: 'redrive' | 'discard', options: ChangeOptions): Promise<void> {
  const { site, type, queue, failure, before, rate, dryRun, wait, ...output } = options;
  checkRate(rate);
  const selection = { siteId: site, eventType: type, queue, failure, before: before ?? new Date().toISOString() };
  const db = await ops.database();
  await checkQueue(db, queue);
  await checkSite(db, site);
  const parked = await countParked(db, selection, action);
  const waiting = action === 'redrive' ? await countWaiting(db, selection) : [];
  const total = sum(parked) + sum(waiting);
  const parts = sum(waiting) === 0 ? '' : ` (${sum(parked)} parked, ${sum(waiting)} waiting for their next try)`;
  const what = `${count(total)}${parts}`;
  if (dryRun)
    return sayCounts(
      [
        ...inState('parked', parked),
        ...inState('waiting', waiting),
        ...inState('left out', await countLeftOut(db, selection, action)),
      ],
      `Would ${action} ${what}.`,
      output,
    );
  if (total === 0) {
    const leftOut = sum(await countLeftOut(db, selection, action));
    const more = leftOut === 0 ? '' : ` It leaves out ${count(leftOut)}; --dry-run says why.`;
    return printDone(`There is nothing to ${action}.${more}`, { changed: 0 }, output);
  }
  const given = { site, type, queue, failure, before };
  const input: ResumeInput = { action, rate, ...JSON.parse(JSON.stringify(given)) }; // without undefined values
  const workflowId = `${action}/${randomUUID()}`;
  const handle = await startResuming(await ops.temporal(), workflowId, input);
  const begun = `The workflow ${workflowId} works on ${what}, ${rate} per second.`;
  const counts = { parked: sum(parked), waiting: sum(waiting) };
  if (!wait) return printDone(begun, { workflowId, deliveries: total, ...counts }, output);
  process.stderr.write(`${begun} It goes on if this command is ended.\n`);
  const { changed } = await follow(handle);
  printDone(`Done: ${count(changed)}.`, { workflowId, changed }, output);
}

/** waiting: pending, and told to come back later. */
interface Count extends ParkedCount {
  readonly state: 'parked' | 'waiting' | 'left out';
  readonly why?: LeftOut['why'];
}

const inState = (state: Count['state'], counts: readonly ParkedCount[]): Count[] =>
  counts.map((count) => ({ state, ...count }));

const sum = (counts: readonly ParkedCount[]): number => counts.reduce((all, { deliveries }) => all + deliveries, 0);

function sayCounts(counts: readonly Count[], text: string, { json }: JsonOption): void {
  if (json) return print(JSON.stringify(counts, undefined, 2));
  if (counts.length > 0) printList(counts, COUNT_COLUMNS, { json, empty: '' });
  print(text);
}

/** How often the progress is asked for; the workflow writes it once a second at most. */
const PROGRESS_EVERY_MS = 2_000;

/** Writes the workflow's own words on its progress to the standard error until it ends. */
async function follow(handle: WorkflowHandle): Promise<Resumed> {
  let said = '';
  const timer = setInterval(() => {
    void readDetails(handle)
      .then((details) => {
        if (details !== '' && details !== said) process.stderr.write(`${(said = details)}\n`);
      })
      .catch(() => {}); // no worker answers now: the result is still waited for
  }, PROGRESS_EVERY_MS);
  try {
    return (await handle.result()) as Resumed; // the workflow's own type
  } finally {
    clearInterval(timer);
  }
}

async function readDetails(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

const COLUMNS: readonly Column<ListedDelivery>[] = [
  { title: 'EVENT', of: ({ eventKey }) => eventKey },
  ...STANDING_COLUMNS,
  WHY_COLUMN,
];

const COUNT_COLUMNS: readonly Column<Count>[] = [
  { title: 'STATE', of: ({ state }) => state },
  { title: 'DATA QUEUE', of: ({ dataQueue }) => dataQueue },
  { title: 'FAILURE', of: ({ failure }) => failure },
  { title: 'DELIVERIES', of: ({ deliveries }) => deliveries },
  { title: 'WHY', of: ({ why }) => why ?? '' },
];

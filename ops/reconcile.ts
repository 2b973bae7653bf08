import { Option, type Command } from 'commander';
import { checkSite } from './check-site';
import type { Ops } from './open-ops';
import { CommandFailure, commandName, print, table, type Column, type JsonOption } from './output';
import { readSite, readTimeOrAge } from './read-input';
import { addJournal, addReceipts, type AcceptedEvent, type Span } from './reconcile/accepted-events';
import { compareRows, findWithoutRun } from './reconcile/compare-rows';
import { findRunsWithoutWork, findUnrecorded } from './reconcile/compare-runs';
import type { Difference, Reconciled } from './reconcile/difference';
import { readOpenRuns, type ClusterRuns } from './reconcile/open-runs';
import { checkJournal } from './journal-folder';

interface Given extends JsonOption {
  /** ISO. */
  readonly from: string;
  readonly to?: string;
  readonly site?: string;
  readonly journal?: readonly string[];
  readonly receipts?: readonly string[];
}

/** Events of the last minute may be on their way. */
const SETTLED_AFTER_MS = 60_000;
/** Differences that are shown to people; a program gets all of them. */
const MOST_SHOWN = 100;

/** `ops reconcile`: compares journals, workflows and rows by key; fails when they differ. */
export function addReconcileCommand(reconcile: Command, ops: Ops): void {
  reconcile
    .requiredOption('--from <time>', 'events received since: ISO time, or an age such as 90m, 24h, 7d', readTimeOrAge)
    .option('--to <time>', 'before: the same; default: a minute ago', readTimeOrAge)
    .option('--site <id>', 'those of this site', readSite)
    .addOption(new Option('--journal <folder...>', '`dir` of a publisher: every event that it accepted must be known'))
    .option('--receipts <file...>', 'receipts of publish, one per line as JSON: the same')
    .option('--json', 'as JSON')
    .action(async ({ json, ...given }: Given) => {
      const found = await reconcileAll(given, ops);
      if (found.events === 0 && !found.accepted && found.differences.length === 0)
        await checkSite(await ops.database(), given.site);
      print(json ? JSON.stringify(found, undefined, 2) : describe(found));
      const { differences, notCompared } = found;
      if (differences.length > 0) throw new CommandFailure(`Differences: ${differences.length}.`);
      if (notCompared.length > 0)
        throw new CommandFailure(
          `Not compared: ${notCompared.map(({ name }) => name).join(', ')}; ${commandName()} doctor`,
        );
    });
}

async function reconcileAll(
  { from, to, site, journal = [], receipts = [] }: Omit<Given, 'json'>,
  ops: Ops,
): Promise<Reconciled> {
  const until = to ?? new Date(Date.now() - SETTLED_AFTER_MS).toISOString();
  if (from >= until)
    throw new CommandFailure('Without --to, events of the last minute are left out: name an earlier --from.');
  const span: Span = { site, from: Date.parse(from), to: Date.parse(until) };
  const accepted = new Map<string, AcceptedEvent>();
  for (const dir of journal) await addJournal(accepted, checkJournal(dir), span);
  for (const file of receipts) await addReceipts(accepted, file, span);
  const all = await Promise.all((await ops.clusters()).map(readOpenRuns));
  const clusters = all.filter((one): one is ClusterRuns => 'open' in one);
  const db = await ops.database();
  const rows = await compareRows(db, { site, from, to: until }, showProgress());
  const byName = new Map(clusters.map((one) => [one.name, one]));
  const unrecorded = await findUnrecorded(db, accepted, clusters);
  const idle = await findRunsWithoutWork(db, rows.unfinished, clusters, span);
  const known = new Set(unrecorded.differences.map(({ key }) => key));
  return {
    from,
    to: until,
    accepted: journal.length + receipts.length === 0 ? null : accepted.size,
    events: rows.events,
    deliveries: rows.deliveries,
    refused: unrecorded.refused,
    notRecordedYet: new Set([...unrecorded.notRecordedYet, ...idle.notRecordedYet]).size,
    notCompared: [...all.filter((one) => 'problem' in one), ...unknownOwners(rows.unfinished, all)],
    differences: [
      ...unrecorded.differences,
      ...rows.differences,
      ...(await findWithoutRun(db, rows.unfinished, byName)),
      ...idle.differences.filter(({ key }) => !known.has(key)),
    ],
  };
}

/** Clusters that own unfinished deliveries, and that this environment does not name. */
function unknownOwners(
  unfinished: readonly { readonly cluster: string }[],
  known: readonly { readonly name: string }[],
) {
  const names = new Set(unfinished.map(({ cluster }) => cluster));
  for (const { name } of known) names.delete(name);
  return [...names].map((name) => ({ name, problem: 'this environment does not name it' }));
}

const SHOW_EVERY_MS = 2_000;

/** On standard error, for a comparison that takes a while. */
function showProgress(): (events: number) => void {
  let last = performance.now();
  return (events) => {
    if (performance.now() - last < SHOW_EVERY_MS) return;
    last = performance.now();
    process.stderr.write(`${events} events compared\n`);
  };
}

function describe({
  from,
  to,
  accepted,
  events,
  deliveries,
  refused,
  notRecordedYet,
  notCompared,
  differences,
}: Reconciled): string {
  const shown = differences.slice(0, MOST_SHOWN);
  return [
    ...(accepted === null
      ? []
      : [
          `Accepted: ${accepted} events in journals and receipts; ${refused} of them were refused at recording or erased.`,
        ]),
    `Database: ${events} events with ${deliveries} deliveries, received from ${from} until ${to}.`,
    `Not recorded yet, with an open workflow: ${notRecordedYet}.`,
    ...notCompared.map(({ name, problem }) => `Workflows of ${name} were not compared: ${problem}.`),
    ...(shown.length === 0 ? ['No difference.'] : ['', table(shown, COLUMNS)]),
    ...(shown.length < differences.length ? [`And ${differences.length - shown.length} more (--json lists all).`] : []),
  ].join('\n');
}

const COLUMNS: readonly Column<Difference>[] = [
  { title: 'MISSING', of: ({ lacks }) => lacks },
  { title: 'OF EVENT', of: ({ key }) => key },
  { title: 'LACKED BY', of: ({ lackedBy }) => lackedBy.join(', ') },
  { title: 'KNOWN TO', of: ({ knownTo }) => knownTo.join(', ') },
  { title: 'WHAT', of: ({ says }) => says },
];

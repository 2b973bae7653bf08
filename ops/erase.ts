import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { validate as isUuid } from 'uuid';
import { addToReceipt, listErasures, readErasure, type Erasure } from '../db/erasures';
import type { Tx } from '../db/tx';
import { readEventKey } from '../events/read-identity';
import { countInDatabase, eraseInDatabase, type ErasedCount } from './erase-events';
import type { Erased } from './find-erased';
import { blankJournals, checkJournals, describeJournals } from './blank-journals';
import { checkSite } from './check-site';
import { readCopiesEnd } from './copies-end';
import { noKey } from './events';
import { readSoughtId } from './find-by-id';
import { checkOwnJournal } from './journal-folder';
import type { Ops } from './open-ops';
import { CommandFailure, commandName, print, printDone, printList, type Column, type JsonOption } from './output';
import { readSite } from './read-input';
import { readSiteEntries } from './site-entries';

interface EraseOptions extends JsonOption {
  readonly journal?: readonly string[];
  readonly site?: string;
  readonly visitor?: string;
  readonly email?: string;
  readonly event?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly wait: boolean;
}

/** `ops erase`: removes a person's data, or an event, from the installation. */
export function addEraseCommand(erase: Command, ops: Ops): void {
  erase
    .description('delete the events of a visitor or an address, or one event, with their tickets and domain rows')
    .option('--site <id>', 'at this site', readSite)
    .option('--visitor <id>', 'all of this visitor; - reads it from the standard input')
    .option('--email <->', 'all of this address, which is read from the standard input')
    .option('--event <key>', 'this event')
    .option('--yes', 'do it; nothing brings it back')
    .option('--dry-run', 'only count the rows and entries that it would delete from the database and the journals')
    .option(
      '--journal <folder...>',
      '`dir` of a publisher on this machine: its entries, too; alone, those of all erasures',
    )
    .option('--no-wait', 'do not wait until the clusters have deleted the workflows')
    .option('--json', 'the receipt as JSON')
    .action(async (options: EraseOptions) => {
      const { site, visitor, email, event, journal, dryRun } = options;
      if (journal !== undefined && [site, visitor, email, event].every((one) => one === undefined)) {
        const done = await blankJournals(await ops.database(), journal.map(checkOwnJournal), dryRun);
        printDone(describeJournals(done, dryRun), done, options);
        return checkJournals(done);
      }
      if (site === undefined) throw new CommandFailure('Give --site.');
      const erased = await readErased(options);
      if (erased.by === 'event' && erased.value.split('/')[1] !== site)
        throw new CommandFailure(`${erased.value} is no event of the site ${site}.`);
      await eraseAndTell(ops, site, erased, options);
    });
  erase
    .command('receipts')
    .description('erasures, latest first; with an id, the receipt of one')
    .argument('[id]')
    .option('--json', 'as JSON')
    .action(async (id: string | undefined, _own: JsonOption, command: Command) => {
      const { json } = command.optsWithGlobals<JsonOption>(); // the group has the option, too, and takes it
      const db = await ops.database();
      if (id === undefined)
        return printList(await listErasures(db, 50), COLUMNS, { json, empty: 'Nothing was erased.' });
      const found = isUuid(id) ? await readErasure(db, id) : undefined;
      if (found === undefined) throw new CommandFailure(`There is no erasure ${id}; see "erase receipts".`);
      print(json ? JSON.stringify(found, undefined, 2) : describe(found));
    });
}

/** `ops site remove`. */
export function addSiteCommands(site: Command, ops: Ops): void {
  site
    .command('remove')
    .description(
      'delete all of a site: events, their tickets and domain rows, connections and subscriptions of its own',
    )
    .argument('<site>', 'its id', readSite)
    .option('--yes', 'do it; nothing brings it back')
    .option('--dry-run', 'only count the rows and entries that it would delete from the database and the journals')
    .option('--journal <folder...>', '`dir` of a publisher on this machine: its entries, too')
    .option('--no-wait', 'do not wait until the clusters have deleted the workflows')
    .option('--json', 'the receipt as JSON')
    .action(async (id: string, options: EraseOptions) => eraseAndTell(ops, id, { by: 'site' }, options));
}

async function readErased({ visitor, email, event }: EraseOptions): Promise<Erased> {
  if ([visitor, email, event].filter((one) => one !== undefined).length !== 1)
    throw new CommandFailure('Give one of --visitor, --email and --event.');
  if (email !== undefined && email !== '-')
    throw new CommandFailure('--email takes only -, for an address on the standard input: other users see arguments.');
  if (event === undefined)
    return visitor === undefined
      ? { by: 'email', value: await readSoughtId('-') }
      : { by: 'visitor', value: await readSoughtId(visitor) };
  const key = readEventKey(event);
  if (key === undefined) throw noKey(event);
  return { by: 'event', value: key };
}

async function eraseAndTell(ops: Ops, site: string, erased: Erased, options: EraseOptions): Promise<void> {
  const { yes, dryRun, wait, json, journal = [] } = options;
  for (const dir of journal) checkOwnJournal(dir);
  const db = await ops.database();
  const entries = await readSiteEntries(db, journal, site);
  // An event may be in a journal or in Temporal only.
  if (erased.by !== 'event' && entries.length === 0) await checkSite(db, site);
  if (dryRun) {
    const counted = await countInDatabase(ops, site, erased, entries);
    return printDone(describeCount(counted), counted, options);
  }
  if (!yes) throw new CommandFailure('The deletion is final: say --yes. With --dry-run it only counts.');
  const clusters = (await ops.clusters()).map(({ name }) => name);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const onProgress = (events: number): void => say(`${events} events are erased.`);
  const begun = await eraseInDatabase(ops, site, erased, entries, clusters, onProgress);
  await addToReceipt(db, begun.id, { copiesEnd: await readCopiesEnd(ops) });
  if (wait) await waitForWorkflows(db, begun, say);
  // A publisher that runs asks the database about its entries meanwhile, and gives up their files.
  const unread = ['visitor', 'email'].includes(erased.by) ? entries.filter(({ ids }) => ids === null).length : 0;
  const journals = { ...(await blankJournals(db, journal)), unread };
  if (journal.length > 0) await addToReceipt(db, begun.id, { journals });
  const ended = (await readErasure(db, begun.id)) ?? begun;
  print(json ? JSON.stringify(ended, undefined, 2) : describe(ended));
  if (ended.doneAt === null)
    throw new CommandFailure(
      `${waitingOf(ended)}: the sweep deletes them, also after an outage. See "${commandName()} erase receipts ${ended.id}".`,
    );
  checkJournals(journals);
}

const ASK_EVERY_MS = 1_000;
/** A cluster shows a deleted workflow for some seconds; a batch is open for some minutes. */
const WAIT_MS = 120_000;

async function waitForWorkflows(db: Tx, begun: Erasure, say: (text: string) => void): Promise<void> {
  const end = performance.now() + WAIT_MS;
  let now = begun;
  let said = '';
  while (now.doneAt === null && performance.now() < end) {
    if (waitingOf(now) !== said) say((said = waitingOf(now)));
    await sleep(ASK_EVERY_MS);
    now = (await readErasure(db, begun.id)) ?? now;
  }
}

const waitingOf = ({ waiting }: Erasure): string =>
  `Workflows that are still to be deleted: ${
    Object.entries(waiting)
      .map(([cluster, n]) => `${n} on ${cluster}`)
      .join(', ') || 'none'
  }`;

const COLUMNS: readonly Column<Erasure>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'SITE', of: ({ siteId }) => siteId },
  { title: 'BY', of: ({ by }) => by },
  { title: 'REQUESTED', of: ({ requestedAt }) => requestedAt },
  { title: 'DONE', of: ({ doneAt }) => doneAt ?? 'not yet' },
];

const linesOf = (rows: ErasedCount['rows'] = {}): string[] =>
  Object.entries(rows).map(([table, n]) => `  ${table}: ${n}`);

function describeCount({ events, refused, rows, inJournals }: ErasedCount): string {
  const lines = linesOf(rows);
  return [
    `Would erase ${events} events, ${refused} refused inputs. Rows:${lines.length === 0 ? ' none.' : ''}`,
    ...lines,
    `Their workflows and files of large events go, too, and their entries in the given journals: ${inJournals}.`,
  ].join('\n');
}

function describe(erasure: Erasure): string {
  const { id, siteId, by, requestedAt, doneAt, receipt } = erasure;
  const lines = linesOf(receipt?.rows);
  const left = receipt?.atDestinations ?? [];
  return [
    `Erasure ${id}: site ${siteId}, by ${by}, requested ${requestedAt}.`,
    `Database: ${receipt?.events ?? 0} events, ${receipt?.refused ?? 0} refused inputs. Rows:${lines.length === 0 ? ' none.' : ''}`,
    ...lines,
    ...(receipt === null || receipt.unfinished
      ? ['The command was ended before it had erased everything: call it again.']
      : []),
    doneAt === null
      ? `${waitingOf(erasure)}.`
      : `Temporal: their workflows are deleted on all clusters since ${doneAt}.`,
    left.length === 0
      ? 'Destinations: no delivery has left a record there.'
      : 'Destinations: the site has to delete these itself:',
    ...left.map(({ consumer, connectionId, ids }) => `  ${consumer} ${connectionId}: ${JSON.stringify(ids)}`),
    ...(receipt?.journals ? [describeJournals(receipt.journals)] : []),
    ...Object.entries(receipt?.copiesEnd ?? {}).map(
      ([cluster, at]) =>
        `Copies in batches that had an event a second time end on ${cluster} ${at ?? 'with its retention, which it did not tell'}.`,
    ),
    'Other journals of publishers, free space of PostgreSQL, backups: see docs/personal-data.md for when they end.',
  ].join('\n');
}

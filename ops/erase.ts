import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { listErasures, readErasure, type Erasure } from '../db/erasures';
import { readEventKey } from '../events/read-identity';
import { eraseInDatabase, type Erased } from './erase-events';
import { noKey } from './events';
import { readSoughtId } from './find-by-id';
import type { Ops } from './open-ops';
import { CommandFailure, commandName, print, printList, type Column, type JsonOption } from './output';
import { readSite } from './read-input';

interface EraseOptions extends JsonOption {
  readonly site?: string;
  readonly visitor?: string;
  readonly email?: string;
  readonly event?: string;
  readonly yes?: boolean;
  readonly wait: boolean;
}

/** `ops erase`: removes what the installation has of a person or an event. */
export function addEraseCommand(erase: Command, ops: Ops): void {
  erase
    .description('delete the events of a visitor or an address, or one event, with what came of them')
    .option('--site <id>', 'at this site', readSite)
    .option('--visitor <id>', 'all of this visitor; - reads it from the standard input')
    .option('--email <->', 'all of this address, which is read from the standard input')
    .option('--event <key>', 'this event')
    .option('--yes', 'do it; nothing brings it back')
    .option('--no-wait', 'do not wait until the clusters have deleted the workflows')
    .option('--json', 'the receipt as JSON')
    .action(async (options: EraseOptions) => {
      const { site } = options;
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
      const found = /^[0-9a-f-]{36}$/i.test(id) ? await readErasure(db, id) : undefined;
      if (found === undefined) throw new CommandFailure(`There is no erasure ${id}; see "erase receipts".`);
      print(json ? JSON.stringify(found, undefined, 2) : describe(found));
    });
}

/** `ops site remove`. */
export function addSiteCommands(site: Command, ops: Ops): void {
  site
    .command('remove')
    .description('delete all of a site: events, what came of them, connections and subscriptions of its own')
    .argument('<site>', 'its id', readSite)
    .option('--yes', 'do it; nothing brings it back')
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

async function eraseAndTell(ops: Ops, site: string, erased: Erased, { yes, wait, json }: EraseOptions): Promise<void> {
  if (!yes)
    throw new CommandFailure(
      `Nothing brings it back: say --yes. "${commandName()} events find" shows the events first.`,
    );
  const clusters = (await ops.clusters()).map(({ name }) => name);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const begun = await eraseInDatabase(ops, site, erased, clusters, (events) => say(`${events} events are erased.`));
  const ended = wait ? await waitForWorkflows(ops, begun, say) : begun;
  print(json ? JSON.stringify(ended, undefined, 2) : describe(ended));
  if (ended.doneAt === null)
    throw new CommandFailure(
      `${waitingOf(ended)}: the sweep deletes them, also after an outage. See "${commandName()} erase receipts ${ended.id}".`,
    );
}

const ASK_EVERY_MS = 1_000;
/** A cluster shows a deleted workflow for some seconds; a batch is open for some minutes. */
const WAIT_MS = 120_000;

async function waitForWorkflows(ops: Ops, begun: Erasure, say: (text: string) => void): Promise<Erasure> {
  const db = await ops.database();
  const end = performance.now() + WAIT_MS;
  let now = begun;
  let said = '';
  while (now.doneAt === null && performance.now() < end) {
    if (waitingOf(now) !== said) say((said = waitingOf(now)));
    await sleep(ASK_EVERY_MS);
    now = (await readErasure(db, begun.id)) ?? now;
  }
  return now;
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

function describe(erasure: Erasure): string {
  const { id, siteId, by, requestedAt, doneAt, receipt } = erasure;
  const lines = Object.entries(receipt?.rows ?? {}).map(([table, n]) => `  ${table}: ${n}`);
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
    'Journals of publishers, free space of PostgreSQL, backups: see docs/personal-data.md for when they end.',
  ].join('\n');
}

import type { Command } from 'commander';
import { findNextAccounted, readAccount, type AccountedHour } from '../db/read-account';
import type { Tx } from '../db/tx';
import { EVENT_TYPES } from '../events/event-types';
import { checkSite } from './check-site';
import { checkJournal } from './journal-folder';
import type { Ops } from './open-ops';
import { CommandFailure, commandName, print, table, type Column, type JsonOption } from './output';
import { readSite, readTimeOrAge } from './read-input';
import { readPublications, type Span } from './reconcile/accepted-events';
import { findKnown } from './reconcile/find-known';

interface Given extends JsonOption {
  /** ISO. */
  readonly from: string;
  readonly to?: string;
  readonly site?: string;
  readonly journal?: readonly string[];
}

/** One site and hour. */
interface Account extends AccountedHour {
  /** Events that journals have of this hour, each call of publish; null = no journal was given. */
  readonly published: number | null;
  /** Of these, distinct events. */
  readonly accepted: number | null;
  /** Of the accepted, those that the database does not know. */
  readonly notRecorded: number | null;
}

/** Of one statement: with more events it could take longer than the pool lets it. */
const STEP_MS = 15 * 60_000;

/** `ops account`: events and deliveries per site and hour; fails where rows of deliveries are missing. */
export function addAccountCommand(account: Command, ops: Ops): void {
  account
    .requiredOption('--from <time>', 'events received since: ISO time, or an age such as 90m, 24h, 7d', readTimeOrAge)
    .option('--to <time>', 'before: the same; default: now', readTimeOrAge)
    .option('--site <id>', 'those of this site', readSite)
    .option('--journal <folder...>', '`dir` of a publisher: counts its accepted events, too')
    .option('--json', 'as JSON')
    .action(async ({ from, to = new Date().toISOString(), site, journal = [], json }: Given) => {
      const db = await ops.database();
      const span: Span = { site, from: Date.parse(from), to: Date.parse(to) };
      const recorded = await readRecorded(db, span);
      const accepted = journal.length === 0 ? undefined : await readAccepted(db, journal.map(checkJournal), span);
      const rows = join(recorded, accepted);
      if (rows.length === 0) await checkSite(db, site);
      const total = rows.reduce<Account>(add, {
        ...NOTHING,
        ...(accepted && NOTHING_ACCEPTED),
        siteId: 'all',
        hour: '',
      });
      if (json) print(JSON.stringify({ hours: rows, total }, undefined, 2));
      else print(rows.length === 0 ? 'There is no event of that time.' : table([...rows, total], COLUMNS));
      const wrong = rows.filter(
        ({ made, delivered, parked, discarded, pending }) => made !== delivered + parked + discarded + pending,
      );
      if (wrong.length > 0)
        throw new CommandFailure(
          `Hours in which events were recorded with another number of deliveries than they have: ${wrong.length}. See ${commandName()} reconcile.`,
        );
    });
}

type Counts = Omit<Account, 'siteId' | 'hour'>;

const NOTHING: Counts = {
  published: null,
  accepted: null,
  notRecorded: null,
  recorded: 0,
  refused: 0,
  made: 0,
  filtered: 0,
  delivered: 0,
  parked: 0,
  discarded: 0,
  pending: 0,
};
const NOTHING_ACCEPTED = { published: 0, accepted: 0, notRecorded: 0 };

/** Keeps site and hour of the first. */
function add<T extends object>(one: T, other: Partial<Counts>): T {
  const sums = Object.entries(other).flatMap(([name, n]) =>
    typeof n === 'number' ? [[name, Number(one[name as keyof T] ?? 0) + n] as const] : [],
  );
  return { ...one, ...Object.fromEntries(sums) };
}

type ByHour<T> = Map<string, T & { readonly siteId: string; readonly hour: string }>;

const placeOf = ({ siteId, hour }: { readonly siteId: string; readonly hour: string }): string => `${hour} ${siteId}`;

async function readRecorded(db: Tx, { site, from, to }: Span): Promise<ByHour<AccountedHour>> {
  const hours: ByHour<AccountedHour> = new Map();
  const iso = (time: number): string => new Date(time).toISOString();
  let begin: string | null = iso(from);
  // Times without events, such as the years before the first, are left out.
  while ((begin = await findNextAccounted(db, { types: EVENT_TYPES, from: begin, to: iso(to) })) !== null) {
    const end = iso(Math.min(to, Date.parse(begin) + STEP_MS));
    for (const row of await readAccount(db, { types: EVENT_TYPES, siteId: site ?? null, from: begin, to: end })) {
      const known = hours.get(placeOf(row));
      hours.set(placeOf(row), known === undefined ? row : add(known, row));
    }
    begin = end;
  }
  return hours;
}

/** By the time of the publication, which is that of the receipt unless the caller has named one. */
async function readAccepted(db: Tx, journals: readonly string[], span: Span) {
  const hours: ByHour<typeof NOTHING_ACCEPTED> = new Map();
  const seen = new Map<string, string>();
  for (const dir of journals) {
    for (const { key, siteId, publishedAt } of await readPublications(dir, span)) {
      const hour = new Date(publishedAt).toISOString().replace(/:.*/, ':00:00Z');
      const place = placeOf({ siteId, hour });
      const isFirst = !seen.has(key);
      if (isFirst) seen.set(key, place);
      const known = hours.get(place) ?? { siteId, hour, ...NOTHING_ACCEPTED };
      hours.set(place, add(known, { published: 1, accepted: isFirst ? 1 : 0 }));
    }
  }
  const recorded = await findKnown(db, [...seen.keys()]);
  for (const [key, place] of seen) {
    const known = hours.get(place);
    if (known !== undefined && !recorded.has(key)) hours.set(place, add(known, { notRecorded: 1 }));
  }
  return hours;
}

function join(recorded: ByHour<AccountedHour>, accepted: ByHour<typeof NOTHING_ACCEPTED> | undefined): Account[] {
  const places = new Set([...recorded.keys(), ...(accepted?.keys() ?? [])]);
  return [...places].sort().map((place) => {
    const [hour = '', siteId = ''] = place.split(' ');
    const counted = { ...NOTHING, ...(accepted && NOTHING_ACCEPTED) };
    return { ...counted, ...recorded.get(place), ...accepted?.get(place), siteId, hour };
  });
}

const COLUMNS: readonly Column<Account>[] = [
  { title: 'HOUR', of: ({ hour }) => hour },
  { title: 'SITE', of: ({ siteId }) => siteId },
  { title: 'PUBLISHED', of: ({ published }) => published },
  { title: 'ACCEPTED', of: ({ accepted }) => accepted },
  { title: 'NOT RECORDED', of: ({ notRecorded }) => notRecorded },
  { title: 'RECORDED', of: ({ recorded }) => recorded },
  { title: 'REFUSED', of: ({ refused }) => refused },
  { title: 'IMPLIED', of: ({ made, filtered }) => made + filtered },
  { title: 'FILTERED', of: ({ filtered }) => filtered },
  { title: 'DELIVERED', of: ({ delivered }) => delivered },
  { title: 'PARKED', of: ({ parked }) => parked },
  { title: 'DISCARDED', of: ({ discarded }) => discarded },
  { title: 'PENDING', of: ({ pending }) => pending },
];

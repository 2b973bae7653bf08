import { Context } from '@temporalio/activity';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../db/database';
import type { PrunePlace } from '../../db/prune-events';
import type { RetentionRule } from '../../db/retention';
import { catalogue } from '../../events/catalogue';

export type { PrunePlace };

/** The progress of a round: the part that it deletes from, and the last event of that type that it has looked at. */
export interface PruneProgress {
  /** Number of the rule, of `rulesOf`. */
  readonly rule: number;
  readonly after: PrunePlace | null;
}

export interface Pruned {
  /** Events whose data and deliveries were deleted. */
  readonly events: number;
  readonly refused: number;
  readonly tombstones: number;
}

export interface PrunedPart extends Pruned {
  /** Where the next part begins; null = the round is done. */
  readonly next: PruneProgress | null;
}

/** Rows in one statement: some tens of milliseconds, so that no delivery waits for its locks. */
const BATCH = 500;
/** After each statement it rests for so many times as long as the statement took: deliveries go before. */
const REST = 3;
/** A part ends after this; below the activity's startToClose. */
const PART_MS = 60_000;

/** A part of a round of retention: deletes batch by batch, and rests after each. */
export async function prune(
  { from }: { readonly from: PruneProgress },
  { db }: { readonly db: Database },
): Promise<PrunedPart> {
  const context = Context.current();
  const rules = await rulesOf(db);
  const counts = { events: 0, refused: 0, tombstones: 0 };
  const end = performance.now() + PART_MS;
  // Where a statement took too long, as rows with large attachments may, the next attempt takes fewer.
  const limit = Math.max(1, Math.floor(BATCH / 4 ** Math.min(context.info.attempt - 1, 10)));
  let { rule, after } = from;
  while (rule < rules.length) {
    const { what, days, tables } = rules[rule] ?? FOR_EVER;
    const began = performance.now();
    const { count, last } = await pruneBatch(db, { what, days, tables }, after, limit);
    counts[what === 'refused' || what === 'tombstones' ? what : 'events'] += count;
    context.heartbeat({ what, ...counts });
    [rule, after] = last === null ? [rule + 1, null] : [rule, last === 'more' ? null : last];
    if (performance.now() > end) return { ...counts, next: { rule, after } };
    await pause(REST * (performance.now() - began), undefined, { signal: context.cancellationSignal });
  }
  return { ...counts, next: null };
}

const FOR_EVER: RetentionRule = { what: '', days: Infinity, tables: false };

/** Of each event type its own rule, or the one of all types; then refused events and tombstones. */
async function rulesOf(db: Database): Promise<RetentionRule[]> {
  const rules = new Map((await db.readRetention()).map((rule) => [rule.what, rule]));
  const ofTypes = Object.keys(catalogue).map((what) => ({ ...(rules.get(what) ?? rules.get('*') ?? FOR_EVER), what }));
  return [...ofTypes, ...['refused', 'tombstones'].map((what) => rules.get(what) ?? { ...FOR_EVER, what })];
}

async function pruneBatch(
  db: Database,
  { what, days, tables }: RetentionRule,
  after: PrunePlace | null,
  limit: number,
): Promise<{ count: number; last: PrunePlace | 'more' | null }> {
  if (!Number.isFinite(days)) return { count: 0, last: null };
  if (what === 'refused' || what === 'tombstones') {
    const count = await (what === 'refused' ? db.pruneRefused(days, limit) : db.pruneTombstones(days, limit));
    return { count, last: count < limit ? null : 'more' };
  }
  const rule = { type: what, days };
  const { pruned, last } = tables
    ? await db.inTransaction(async (tx) => {
        const page = await tx.pruneEvents(rule, after, limit);
        if (page.pruned.length > 0) await tx.pruneRows(page.pruned);
        return page;
      })
    : await db.pruneEvents(rule, after, limit);
  return { count: pruned.length, last };
}

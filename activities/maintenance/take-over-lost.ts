import { Context, log } from '@temporalio/activity';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../db/database';
import type { LeftAlone } from '../../db/sweep-deliveries';
import { eachOf } from './each-of';
import type { Runs } from './runs';

interface Deps {
  readonly db: Database;
  readonly runs: Runs;
  readonly sweepLimit: number;
}

interface Counts {
  /** Events. */
  takenOver: number;
  undone: number;
}

/** Most events in one workflow. */
const BATCH_EVENTS = 50;
/** Most deliveries in one claim. */
const CLAIM = 500;
/** Deliveries that were taken over and are under way at once, as a multiple of the sweep's limit. */
const UNDER_WAY = 5;
/** Between two looks at how many are under way. */
const LOOK_EVERY_MS = 500;

const SWAPPED =
  'Took over again an event that was taken over a short while ago: the clusters go down by turns. It stays here for a while, longer each time.';

/**
 * Takes over from clusters that no live worker reaches: pending deliveries in batches, as those before are done, so that the load stays
 * bounded; at least `sweepLimit` a round, should those before hang. An event with a parked delivery gets its own workflow, in which an
 * operator finds it; at most `sweepLimit` of them a round.
 */
export async function takeOverLost(deps: Deps, end: number, counts: Counts): Promise<void> {
  const { db, runs, sweepLimit } = deps;
  const { cancellationSignal: signal } = Context.current();
  const most = UNDER_WAY * sweepLimit;
  let parkedLeft = sweepLimit;
  for (let isFirst = true; performance.now() < end && !signal.aborted; isFirst = false) {
    const lost = await runs.givenUp();
    if (lost.length === 0) return;
    const room = most - (await db.countTakenOver(runs.here, most));
    if (room < most / 4 && !isFirst) {
      await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
      continue;
    }
    const limit = Math.min(CLAIM, isFirst ? Math.max(room, sweepLimit) : room);
    const claimed = await db.claimLeftAlone({ usable: [], givenUp: lost }, limit);
    const parked = claimed.filter((one) => one.parked).slice(0, parkedLeft);
    parkedLeft -= parked.length;
    const pending = inBatches(claimed.filter((one) => !one.parked));
    if (parked.length + pending.length === 0) return;
    const undone = [
      ...(await eachOf(pending, end, (events) => takeBatch(deps, lost, events, counts))).flat(),
      ...(await eachOf(parked, end, (event) => takeOne(deps, lost, event, counts))),
    ];
    if (undone.length === 0) continue;
    counts.undone += undone.length;
    return await db.lookAgain(undone.map(({ key }) => key));
  }
}

async function takeBatch(deps: Deps, lost: readonly string[], events: LeftAlone[], counts: Counts): Promise<void> {
  const { db, runs } = deps;
  const [first] = events;
  if (events.length === 1 && first !== undefined) return await takeOne(deps, lost, first, counts);
  const batch = { cluster: runs.here, workflowId: `batch/${randomUUID()}` };
  const keys = events.map(({ key }) => key);
  const taken = await db.takeOverLost(keys, lost, batch);
  if (taken.length === 0) return; // another sweep was faster
  warnOfSwaps(taken, runs.here);
  await runs.continueBatch({ ...batch, keys: taken.map(({ key }) => key) });
  counts.takenOver += taken.length;
}

async function takeOne(deps: Deps, lost: readonly string[], event: LeftAlone, counts: Counts): Promise<void> {
  const { db, runs } = deps;
  const { key, contentHash } = event;
  const taken = await db.takeOverLost([key], lost, { cluster: runs.here, workflowId: null });
  if (taken.length === 0) return;
  warnOfSwaps(taken, runs.here);
  await runs.continueEvent({ key, contentHash, cluster: runs.here });
  counts.takenOver += 1;
}

function warnOfSwaps(taken: readonly { readonly key: string; readonly times: number }[], to: string): void {
  for (const { key, times } of taken) if (times > 1) log.warn(SWAPPED, { eventKey: key, to, times });
}

function inBatches(events: readonly LeftAlone[]): LeftAlone[][] {
  const count = Math.ceil(events.length / BATCH_EVENTS);
  return Array.from({ length: count }, (_, n) => events.slice(n * BATCH_EVENTS, (n + 1) * BATCH_EVENTS));
}

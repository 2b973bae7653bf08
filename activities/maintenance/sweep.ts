import { Context, log } from '@temporalio/activity';
import type { Database } from '../../db/database';
import type { LeftAlone } from '../../db/sweep-deliveries';
import { eraseWorkflows, type EraseDeps } from './erase-workflows';
import type { HashIds } from '../record/id-hashes';
import { eachOf } from './each-of';
import { FILL_BATCH, fillIdsOnce } from './fill-ids';
import { isOpenOn, mayNeedInput } from './may-need-input';
import type { RemoveOldFiles } from './remove-old-files';
import { restartFailing, restartOne } from './restart-failing';
import type { Runs } from './runs';
import { takeOverLost } from './take-over-lost';
import { tellRuns } from './tell-runs';

export interface SweepDeps extends EraseDeps {
  readonly db: Database;
  /** Most deliveries in one round; it limits the rate at which deliveries are continued. */
  readonly sweepLimit: number;
  /** Consumers that this version has. */
  readonly modes: Readonly<Record<string, unknown>>;
  readonly runs: Runs;
  readonly idHashes: () => Promise<HashIds | null>;
  /** Undefined: this worker has no folder of large events. */
  readonly removeOldFiles?: RemoveOldFiles | undefined;
  readonly observeSwept: (swept: Swept) => void;
  /** Called in each round with the clusters that own deliveries and that this process does not know. */
  readonly observeForeign: (clusters: readonly string[]) => void;
}

export interface Swept {
  readonly revived: number;
  /** Events whose run is closed or unknown. */
  readonly continued: number;
  /** Events of clusters that are down for `takeoverAfter`. */
  readonly takenOver: number;
  readonly refreshed: number;
  /** Runs whose workflow task failed again and again, and that a new run of the same workflow has replaced. */
  readonly restarted: number;
  /** Events that failed, or did not fit into the round: a later round claims them again. */
  readonly undone: number;
}

/** A round begins nothing after this, so that it ends before its activity times out (100 s) and its counts are known. */
const ROUND_MS = 60_000;
/** Well below the heartbeat timeout of workflows/sweep-deliveries.ts. */
const HEARTBEAT_MS = 3_000;

/**
 * One round, for all clusters: continues deliveries whose subscription or connection is active again; takes over events that no
 * run works on, because it is closed or unknown or its cluster is down for too long; signals `refresh` to open runs that are late
 * or lost deliveries; restarts runs whose workflow task keeps failing. A later round claims the deliveries again that fail here.
 */
export async function sweep(deps: SweepDeps): Promise<Swept> {
  const counts = { revived: 0, continued: 0, takenOver: 0, refreshed: 0, restarted: 0, undone: 0 };
  const context = Context.current();
  const beat = (): void => context.heartbeat(counts); // so the Web UI shows how far the round is
  if (!context.info.isLocal) beat();
  const beating = context.info.isLocal ? undefined : setInterval(beat, HEARTBEAT_MS);
  try {
    return await sweepOnce(deps, counts);
  } finally {
    clearInterval(beating);
  }
}

async function sweepOnce(deps: SweepDeps, counts: Counts): Promise<Swept> {
  const end = performance.now() + ROUND_MS;
  // A part that fails does not stop the others.
  const parts = await Promise.allSettled(
    [
      finishLostResumings,
      reviveWaiting,
      continueLeftAlone,
      takeOverLost,
      tellAbandoned,
      restartFailing,
      findForeign,
      fillIds,
      eraseWorkflows,
    ].map((part) => part(deps, end, counts)),
  );
  await deps.removeOldFiles?.((workflowId) => mayNeedInput(deps, workflowId), end);
  deps.observeSwept(counts);
  if (counts.takenOver > 0) log.warn('Took over events of a cluster that is down.', counts);
  if (counts.undone > 0) log.warn('The sweep could not continue all events; a later round does.', counts);
  const failed = parts.find((part) => part.status === 'rejected');
  if (failed) throw failed.reason;
  return counts;
}

type Counts = { -readonly [Name in keyof Swept]: Swept[Name] };

/**
 * Makes a subscription active whose resuming workflow is gone, for example with its cluster; the sweep then revives the deliveries that wait
 * for it. Only when every cluster that may have the workflow answers.
 */
async function finishLostResumings({ db, runs }: SweepDeps): Promise<void> {
  const [usable, givenUp] = [runs.usable(), await runs.givenUp()];
  if (runs.known.some((name) => !usable.includes(name) && !givenUp.includes(name))) return;
  for (const { dataQueue, siteId, workflowId } of await db.findResuming()) {
    if (!(await isOpenOn(usable, workflowId, runs))) await db.finishResuming(dataQueue, siteId);
  }
}

async function reviveWaiting(deps: SweepDeps, end: number, counts: Counts): Promise<void> {
  const { db, sweepLimit, runs, modes } = deps;
  const placement = { here: runs.here, usable: runs.usable() };
  const consumers = Object.keys(modes);
  const revived = await db.reviveDeliveries(placement, consumers, sweepLimit);
  counts.revived = revived.length;
  const undone = await eachOf(revived, end, (event) => runs.continueEvent(event));
  counts.undone += undone.length;
}

/** Claims in one round: if all claimed events have open runs, the round claims the next ones. */
const MOST_CLAIMS = 5;

async function continueLeftAlone(deps: SweepDeps, end: number, counts: Counts): Promise<void> {
  const { db, sweepLimit, runs } = deps;
  for (let claims = 0; claims < MOST_CLAIMS && performance.now() < end; claims++) {
    // An event of a cluster that is out is not claimed: it can be claimed as soon as the cluster is given up.
    const leftAlone = await db.claimLeftAlone({ usable: runs.usable(), givenUp: [] }, sweepLimit);
    let open = 0;
    const toTake: LeftAlone[] = [];
    const unasked = await eachOf(byRun(leftAlone), end, async (events) => {
      const [{ owner }] = events;
      if (await runs.isOpen(owner)) {
        open += events.length;
        const times = events.map(({ lookAt }) => lookAt);
        const sites = events.map(({ siteId }) => siteId);
        if (events.length > 1) await db.lookLater(owner, times, sites);
        if (!events.some(({ late }) => late)) return;
        if (await restartOne(owner, runs)) counts.restarted += 1;
        else {
          await runs.refresh(owner);
          counts.refreshed += 1;
        }
        return;
      }
      toTake.push(...events);
    });
    const undone = await eachOf(toTake, end, async ({ key, contentHash, owner }) => {
      if ((await db.takeOver(key, owner, runs.here)) === 0) return; // another sweep was faster
      await runs.continueEvent({ key, contentHash, cluster: runs.here });
      counts.continued += 1;
    });
    const left = [...unasked.flat(), ...undone];
    if (left.length > 0) await db.lookAgain(left.map(({ key }) => key));
    counts.undone += left.length;
    if (open === 0 || open < leftAlone.length) return;
  }
}

/** Groups by run, so that each is asked once and gets at most one signal. */
function byRun(leftAlone: readonly LeftAlone[]): Iterable<readonly [LeftAlone, ...LeftAlone[]]> {
  const groups = new Map<string, [LeftAlone, ...LeftAlone[]]>();
  for (const one of leftAlone) {
    const run = JSON.stringify([one.owner.cluster, one.owner.workflowId]);
    const group = groups.get(run);
    if (group === undefined) groups.set(run, [one]);
    else group.push(one);
  }
  return groups.values();
}

async function tellAbandoned(deps: SweepDeps, end: number, counts: Counts): Promise<void> {
  const { db, runs, sweepLimit } = deps;
  const abandoned = await db.findAbandonedRuns(runs.usable(), sweepLimit);
  const undone = await tellRuns(abandoned, end, deps);
  counts.undone += undone;
}

/** Events that a round makes findable by their ids, in batches. */
const FILL_LIMIT = 1_000;

async function fillIds({ db, idHashes }: SweepDeps, end: number): Promise<void> {
  const hash = await idHashes();
  if (hash === null) return;
  for (let filled = 0; filled < FILL_LIMIT && performance.now() < end; filled += FILL_BATCH) {
    if ((await fillIdsOnce(db, hash, {})) < FILL_BATCH) return;
  }
}

async function findForeign({ db, runs, observeForeign }: SweepDeps): Promise<void> {
  observeForeign(await db.findForeignOwners(runs.known));
}

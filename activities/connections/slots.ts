import { comeBackAt } from './come-back-at';
import type { Leave } from './in-flight';

/** Sends of one site. */
interface Lane {
  /** Those under way, the oldest first. */
  readonly underWay: Set<{ readonly since: number }>;
  /** How long a send takes: an average in which the last send weighs as much as all before; undefined: none has ended. */
  recentMs: number | undefined;
  /** When there may be a slot for the next delivery that found none. */
  nextAt: number;
}

/** A send that takes longer is slow: most destinations answer within a fraction of it. */
export const SLOW_MS = 2_000;
/** Sites that are remembered. */
const MOST_LANES = 1_000;
/** The shortest wait until a delivery asks again. */
const FIRST_WAIT_MS = 500;
/** The longest wait: a destination that did not answer for a while may answer again. */
const LONGEST_WAIT_MS = 300_000;

/**
 * Shares the slots of one Worker for one consumer among sites, so that a destination that does not answer leaves room for the others:
 * sites whose sends are slow have half of the slots together, in equal parts; any other site has no more sends under way than the Worker has free slots.
 */
export class Slots {
  /** Activities that the Worker runs now. */
  occupied = 0;
  private readonly total: number;
  private readonly lanes = new Map<string, Lane>();

  constructor(total: number) {
    this.total = total;
  }

  /**
   * @param isAlone it has an activity of its own; the many of a batch share one, and are bound only where their site is slow
   * @returns a function to call when the send has ended; or milliseconds to wait
   */
  enter(siteId: string, isAlone: boolean): Leave | number {
    const lane = this.laneOf(siteId);
    const free = Math.max(1, this.total - this.occupied);
    const most = isSlow(lane) ? this.mostOfSlow(lane) : isAlone ? free : Infinity;
    if (lane.underWay.size >= most) return this.waitMs(siteId);
    return this.enterLane(siteId, lane);
  }

  get isHalfFree(): boolean {
    return this.occupied < this.half;
  }

  /** True when the last sends of the site took long, or a send that is under way does. */
  isSlow(siteId: string): boolean {
    const lane = this.lanes.get(siteId);
    return lane !== undefined && isSlow(lane);
  }

  /** Milliseconds until the next delivery that finds no slot should come back; each one comes after the one before. */
  waitMs(siteId: string): number {
    const lane = this.laneOf(siteId);
    const now = performance.now();
    const spacingMs = (lane.recentMs ?? 0) / this.shareOfSlow();
    lane.nextAt = comeBackAt(lane.nextAt, now, { firstMs: FIRST_WAIT_MS, spacingMs, longestMs: LONGEST_WAIT_MS });
    return lane.nextAt - now;
  }

  private get half(): number {
    return Math.max(1, Math.floor(this.total / 2));
  }

  /** The slow sites that have sends under way, or deliveries that wait. */
  private slowLanes(): Lane[] {
    const now = performance.now();
    return [...this.lanes.values()].filter((lane) => isSlow(lane) && (lane.underWay.size > 0 || lane.nextAt > now));
  }

  private shareOfSlow(): number {
    return Math.max(1, Math.floor(this.half / Math.max(1, this.slowLanes().length)));
  }

  private mostOfSlow(lane: Lane): number {
    const share = this.shareOfSlow();
    const all = this.slowLanes();
    const used = all.reduce((sum, { underWay }) => sum + underWay.size, 0);
    const kept = all.reduce((sum, one) => sum + (one === lane ? 0 : Math.max(0, share - one.underWay.size)), 0);
    if (used >= this.half) return 0;
    return used + kept < this.half ? share + 1 : share; // slots that equal parts leave over go to the sites that come first
  }

  private enterLane(siteId: string, lane: Lane): Leave {
    const send = { since: performance.now() };
    lane.underWay.add(send);
    return (isUnused) => {
      if (!lane.underWay.delete(send)) return;
      const tookMs = performance.now() - send.since;
      if (isUnused !== true) lane.recentMs = ((lane.recentMs ?? tookMs) + tookMs) / 2;
      if (lane.underWay.size === 0 && !isSlow(lane)) this.lanes.delete(siteId);
    };
  }

  private laneOf(siteId: string): Lane {
    const lane = this.lanes.get(siteId) ?? { underWay: new Set(), recentMs: undefined, nextAt: 0 };
    this.lanes.delete(siteId); // and put it last: the first is the one that was not used for longest
    this.lanes.set(siteId, lane);
    if (this.lanes.size > MOST_LANES) {
      const idle = [...this.lanes].find(([, { underWay }]) => underWay.size === 0);
      if (idle !== undefined) this.lanes.delete(idle[0]);
    }
    return lane;
  }
}

function isSlow({ underWay, recentMs = 0 }: Lane): boolean {
  const [oldest] = underWay;
  return recentMs > SLOW_MS || (oldest !== undefined && performance.now() - oldest.since > SLOW_MS);
}

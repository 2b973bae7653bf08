import { ByteBudget } from './byte-budget';
import { comeBackAt } from './come-back-at';

/** Sends of one connection. */
interface Lane {
  underWay: number;
  /** How long a send takes: an average in which the last sends weigh most. */
  averageMs: number;
  /** When there may be room for the next delivery that found none. */
  nextAt: number;
  /** When the first delivery that came alone and found no room comes back; null: there is none. */
  aloneAt: number | null;
  /** Wakes a batch that waits for room: one is called each time that a send ends. */
  readonly waiting: Set<() => void>;
  /** The destination has asked the account to come back later; null: it has not. */
  hold: Hold | null;
}

interface Hold {
  /** Of `performance.now()`. */
  readonly until: number;
  /** Of the connection: the hold ends when an operator has changed the connection. */
  readonly edition: number;
}

/** Gives a place back when the send has ended; a second call does nothing. `true`: nothing was sent, so the time is not counted. */
export type Leave = (isUnused?: true) => void;

/** The first and the shortest wait until a delivery asks again. */
const FIRST_WAIT_MS = 500;
/** Connections that are remembered. */
const MOST_LANES = 10_000;
/** The longest wait: a destination that did not answer for a while may answer again. */
const LONGEST_WAIT_MS = 300_000;
/** The only place of a connection is kept so long before and after the time at which a delivery that comes alone is back. */
const KEPT_MS = 2_000;

/**
 * Counts the sends that are under way in this process, by connection, and tells a delivery that finds no room when to come back: one
 * after the other, as fast as sends have ended lately, so that the many that wait for a slow destination ask seldom. While a hold lasts,
 * nothing is sent by the connection; after it one delivery at a time, until the destination has answered otherwise.
 */
export class InFlight {
  /** Room for the bodies and files of sends in memory. */
  readonly bytes: ByteBudget;
  private readonly lanes = new Map<string, Lane>();

  constructor(bytes = new ByteBudget()) {
    this.bytes = bytes;
  }

  /**
   * For a delivery that comes alone.
   *
   * @param edition of the connection
   * @returns the function to call when the send has ended; or, when `most` are under way already, milliseconds to wait
   */
  enter(connectionId: string, most: number, edition = 0): Leave | number {
    const lane = this.laneOf(connectionId);
    if (lane.underWay >= this.mostOf(lane, most, edition)) {
      const waitMs = this.waitMs(connectionId, most);
      const now = performance.now();
      if (lane.aloneAt === null || lane.aloneAt + KEPT_MS < now) lane.aloneAt = now + waitMs; // that one came to another worker
      return waitMs;
    }
    lane.aloneAt = null;
    return this.enterLane(lane);
  }

  /**
   * For a delivery of a batch. A batch leaves the last place to deliveries that come alone; where there is only one place, it leaves
   * that to a delivery that is about to come back.
   *
   * @returns the function to call when the send has ended; null: there is no room
   */
  enterAsBatch(connectionId: string, given: number, edition = 0): Leave | null {
    const lane = this.laneOf(connectionId);
    const most = this.mostOf(lane, given, edition);
    if (most === 0) return null;
    const isKept = most === 1 && lane.aloneAt !== null && Math.abs(performance.now() - lane.aloneAt) < KEPT_MS;
    if (lane.underWay >= Math.max(1, most - 1) || isKept) return null;
    return this.enterLane(lane);
  }

  /** Milliseconds until the next delivery that finds no room should come back; each one comes after the one before. */
  waitMs(connectionId: string, most: number): number {
    const lane = this.laneOf(connectionId);
    const now = performance.now();
    const from = Math.max(now, lane.hold?.until ?? now);
    const spacingMs = lane.averageMs / most;
    lane.nextAt = comeBackAt(lane.nextAt, from, { firstMs: FIRST_WAIT_MS, spacingMs, longestMs: LONGEST_WAIT_MS });
    return lane.nextAt - now;
  }

  /** The destination has refused a send for a reason that holds for every delivery of the connection, for so long. */
  hold(connectionId: string, forMs: number, edition: number): void {
    const lane = this.laneOf(connectionId);
    const until = performance.now() + forMs;
    const { hold } = lane;
    const isNews = hold === null || hold.edition < edition || (hold.edition === edition && hold.until < until);
    if (isNews) lane.hold = { until, edition };
  }

  /** The destination has answered otherwise to a send that began at `since`. */
  endHold(connectionId: string, since: number): void {
    const lane = this.laneOf(connectionId);
    if (lane.hold !== null && since >= lane.hold.until) lane.hold = null;
  }

  /** True while nothing is sent by the connection. */
  isHeld(connectionId: string, edition: number): boolean {
    return this.mostOf(this.laneOf(connectionId), 1, edition) === 0;
  }

  /** Resolves when there may be room at one of the connections, the time is up, or the signal is aborted. */
  async room(connectionIds: readonly string[], waitMs: number, signal: AbortSignal): Promise<void> {
    const lanes = connectionIds.map((connectionId) => this.laneOf(connectionId));
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        for (const { waiting } of lanes) waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      signal.addEventListener('abort', wake);
      for (const { waiting } of lanes) waiting.add(wake);
    });
  }

  /** How many sends may be under way at once. */
  private mostOf(lane: Lane, given: number, edition: number): number {
    if (lane.hold !== null && lane.hold.edition < edition) {
      lane.hold = lane.aloneAt = null;
      lane.nextAt = 0; // it was counted from the end of the hold
    }
    if (lane.hold === null) return given;
    return performance.now() < lane.hold.until ? 0 : 1;
  }

  private enterLane(lane: Lane): Leave {
    const entered = performance.now();
    let hasLeft = false;
    lane.underWay += 1;
    return (isUnused) => {
      if (hasLeft) return;
      hasLeft = true;
      lane.underWay -= 1;
      if (isUnused !== true) lane.averageMs += 0.2 * (performance.now() - entered - lane.averageMs);
      const [first] = lane.waiting;
      first?.();
    };
  }

  private laneOf(connectionId: string): Lane {
    const known = this.lanes.get(connectionId);
    const lane = known ?? {
      underWay: 0,
      averageMs: FIRST_WAIT_MS,
      nextAt: 0,
      aloneAt: null,
      waiting: new Set(),
      hold: null,
    };
    this.lanes.delete(connectionId); // and put it last: the first is the one that was not used for longest
    this.lanes.set(connectionId, lane);
    if (this.lanes.size > MOST_LANES) this.forgetOldest();
    return lane;
  }

  private forgetOldest(): void {
    const idle = [...this.lanes].find(([, { underWay, waiting }]) => underWay === 0 && waiting.size === 0);
    if (idle !== undefined) this.lanes.delete(idle[0]);
  }
}

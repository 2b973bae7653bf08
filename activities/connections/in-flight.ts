import { ByteBudget } from './byte-budget';
import { comeBackAt } from './come-back-at';

/** Sends of one connection. */
interface Lane {
  underWay: number;
  /** How long a send took, the last ones weighing most. */
  averageMs: number;
  /** When there may be room for the next who had to leave. */
  nextAt: number;
  /** When the first single delivery that found no room comes back; null: none did. */
  aloneAt: number | null;
  /** Batches that wait for room: woken one by one, as sends end. */
  readonly waiting: Set<() => void>;
  /** The destination asks the account to come back later; null: it takes what comes. */
  hold: Hold | null;
}

interface Hold {
  /** Of `performance.now()`. */
  readonly until: number;
  /** Of the connection: an operator who has changed it wants to see what becomes of it. */
  readonly edition: number;
}

/** Gives a place back when the send has ended, once or more often. `true`: nothing was sent, so the time says nothing. */
export type Leave = (isUnused?: true) => void;

/** At first, and at least, until it is worth asking again. */
const FIRST_WAIT_MS = 500;
/** Connections that are remembered. */
const MOST_LANES = 10_000;
/** At most: a destination that hung for a while may be well again. */
const LONGEST_WAIT_MS = 300_000;
/** Around the time at which one comes back who is alone, a place is kept where there is only one. */
const KEPT_MS = 2_000;

/**
 * Counts the sends that are under way in this process, by connection, and tells those that find no room when to come back: one
 * after the other, as fast as sends have ended lately, so that many who wait for a slow destination ask seldom. While a destination
 * wants nothing from the account, nothing is sent; afterwards one at a time, until one was answered otherwise.
 */
export class InFlight {
  /** Room for what they have in memory. */
  readonly bytes: ByteBudget;
  private readonly lanes = new Map<string, Lane>();

  constructor(bytes = new ByteBudget()) {
    this.bytes = bytes;
  }

  /**
   * For a delivery that comes alone.
   *
   * @param edition of the connection
   * @returns what to call when the send has ended; or, when `most` are under way already, milliseconds to wait
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
   * For one of the many in a batch: they leave the last place to those who come alone; where there is only one, they leave it to
   * who is about to come back.
   *
   * @returns what to call when the send has ended; null: there is no room
   */
  enterAsBatch(connectionId: string, given: number, edition = 0): Leave | null {
    const lane = this.laneOf(connectionId);
    const most = this.mostOf(lane, given, edition);
    if (most === 0) return null;
    const isKept = most === 1 && lane.aloneAt !== null && Math.abs(performance.now() - lane.aloneAt) < KEPT_MS;
    if (lane.underWay >= Math.max(1, most - 1) || isKept) return null;
    return this.enterLane(lane);
  }

  /** Milliseconds until the next who finds no room should come back; each who asks comes after the one before. */
  waitMs(connectionId: string, most: number): number {
    const lane = this.laneOf(connectionId);
    const now = performance.now();
    const from = Math.max(now, lane.hold?.until ?? now);
    const spacingMs = lane.averageMs / most;
    lane.nextAt = comeBackAt(lane.nextAt, from, { firstMs: FIRST_WAIT_MS, spacingMs, longestMs: LONGEST_WAIT_MS });
    return lane.nextAt - now;
  }

  /** The destination has refused a send for a reason that holds for every other of the connection, for so long. */
  hold(connectionId: string, forMs: number, edition: number): void {
    const lane = this.laneOf(connectionId);
    const until = performance.now() + forMs;
    const { hold } = lane;
    const isNews = hold === null || hold.edition < edition || (hold.edition === edition && hold.until < until);
    if (isNews) lane.hold = { until, edition };
  }

  /** A send that began at `since` was answered otherwise. */
  endHold(connectionId: string, since: number): void {
    const lane = this.laneOf(connectionId);
    if (lane.hold !== null && since >= lane.hold.until) lane.hold = null;
  }

  /** True while nothing is sent to it. */
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

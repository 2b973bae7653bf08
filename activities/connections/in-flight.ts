/** Sends of one connection. */
interface Lane {
  underWay: number;
  /** How long a send took, the last ones weighing most. */
  averageMs: number;
  /** When there may be room for the next who had to leave. */
  nextAt: number;
  /** Who waits here for room: called one by one, as sends end. */
  readonly waiting: (() => void)[];
}

/** At first, and at least, until it is worth asking again. */
const FIRST_WAIT_MS = 500;
/** Connections that are remembered. */
const MOST_LANES = 10_000;
/** At most: a destination that hung for a while may be well again. */
const LONGEST_WAIT_MS = 300_000;

/**
 * Counts the sends that are under way in this process, by connection, and tells those that find no room when to come back: one
 * after the other, as fast as sends have ended lately, so that many who wait for a slow destination ask seldom.
 */
export class InFlight {
  private readonly lanes = new Map<string, Lane>();

  /** @returns what to call when the send has ended, once or more often; or, when `most` are under way already, milliseconds to wait */
  enter(connectionId: string, most: number): (() => void) | number {
    const now = performance.now();
    const lane = this.lanes.get(connectionId) ?? { underWay: 0, averageMs: FIRST_WAIT_MS, nextAt: 0, waiting: [] };
    this.lanes.delete(connectionId); // and put it last: the first is the one that was not used for longest
    this.lanes.set(connectionId, lane);
    if (this.lanes.size > MOST_LANES) this.forgetOldest();
    if (lane.underWay >= most) {
      lane.nextAt = Math.max(lane.nextAt, now + FIRST_WAIT_MS) + lane.averageMs / most;
      return Math.min(lane.nextAt - now, LONGEST_WAIT_MS);
    }
    lane.underWay += 1;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      lane.underWay -= 1;
      lane.averageMs += 0.2 * (performance.now() - now - lane.averageMs);
      lane.waiting.shift()?.();
    };
  }

  /**
   * Waits for room, at most `waitMs`, and takes all there is, up to `wanted`: for the many of a ride, who leave the last place to
   * those who come alone, where there is more than one.
   *
   * @returns what to call when each has ended; none: the time is up
   */
  async enterTogether(connectionId: string, most: number, wanted: number, waitMs: number): Promise<(() => void)[]> {
    const deadline = performance.now() + waitMs;
    const places = Math.max(1, most - 1);
    for (;;) {
      const lane = this.lanes.get(connectionId);
      const room = Math.min(wanted, places - (lane?.underWay ?? 0));
      if (room > 0) {
        const entered = Array.from({ length: room }, () => this.enter(connectionId, places));
        return entered.filter((leave) => typeof leave === 'function');
      }
      const leftMs = deadline - performance.now();
      if (lane === undefined || leftMs <= 0) return [];
      await roomIn(lane, leftMs);
    }
  }

  private forgetOldest(): void {
    const idle = [...this.lanes].find(([, { underWay }]) => underWay === 0);
    if (idle !== undefined) this.lanes.delete(idle[0]);
  }
}

/** Resolves when it is one's turn to ask again, or the time is up. */
async function roomIn({ waiting }: Lane, waitMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(resolveNow), 1);
      resolve();
    }, waitMs);
    const resolveNow = (): void => {
      clearTimeout(timer);
      resolve();
    };
    waiting.push(resolveNow);
  });
}

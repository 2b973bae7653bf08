export interface TurnLimits {
  /** Turns that are taken at once. */
  readonly maxInFlight: number;
  /** Who waits for a turn, at most. */
  readonly maxWaiting: number;
  /** Bytes that they hold together, at most. */
  readonly maxWaitingBytes: number;
}

interface Waiting {
  readonly site: string;
  readonly bytes: number;
  settle(outcome: 'taken' | 'busy' | 'expired'): void;
}

/**
 * Lets a bounded number through at once and the others wait, by site in turn: a site that floods the publisher waits behind
 * itself, not before the others. When the waiting room is full, the site with the largest share of it gives way.
 */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #lines = new Map<string, Waiting[]>();
  #taken = 0;
  #waiting = 0;
  #waitingBytes = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /**
   * Waits for a turn, at most `waitMs`. Whoever gets 'taken' gives the turn back with `giveBack`; 'busy' means that there was
   * no room to wait, or that it had to be left to another site.
   */
  async take(site: string, bytes: number, waitMs: number): Promise<'taken' | 'busy' | 'expired'> {
    if (this.#taken < this.#limits.maxInFlight) {
      this.#taken++;
      return 'taken';
    }
    if (!this.#makeRoom(site, bytes)) return 'busy';
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#leave(waiting);
        waiting.settle('expired');
      }, waitMs);
      const waiting: Waiting = {
        site,
        bytes,
        settle: (outcome) => {
          clearTimeout(timer);
          resolve(outcome);
        },
      };
      this.#enter(waiting);
    });
  }

  giveBack(): void {
    const [line] = this.#lines.values();
    const next = line?.[0];
    if (!line || !next) {
      this.#taken--;
      return;
    }
    this.#leave(next);
    // The site goes to the end of the order in which sites have their turn.
    if (this.#lines.delete(next.site)) this.#lines.set(next.site, line);
    next.settle('taken');
  }

  #enter(waiting: Waiting): void {
    const line = this.#lines.get(waiting.site);
    if (line) line.push(waiting);
    else this.#lines.set(waiting.site, [waiting]);
    this.#waiting++;
    this.#waitingBytes += waiting.bytes;
  }

  #leave(waiting: Waiting): void {
    const line = this.#lines.get(waiting.site) ?? [];
    line.splice(line.indexOf(waiting), 1);
    if (line.length === 0) this.#lines.delete(waiting.site);
    this.#waiting--;
    this.#waitingBytes -= waiting.bytes;
  }

  /** False when the newcomer's own site would have the largest share of what there is too much of. */
  #makeRoom(site: string, bytes: number): boolean {
    for (;;) {
      const tooMany = this.#waiting + 1 > this.#limits.maxWaiting;
      if (!tooMany && this.#waitingBytes + bytes <= this.#limits.maxWaitingBytes) return true;
      const shareOf = tooMany ? (line: readonly Waiting[]) => line.length : sumBytes;
      const own = shareOf(this.#lines.get(site) ?? []) + (tooMany ? 1 : bytes);
      const largest = [...this.#lines.values()].reduce((a, b) => (shareOf(b) > shareOf(a) ? b : a), []);
      const last = largest.at(-1);
      if (!last || shareOf(largest) <= own) return false;
      this.#leave(last);
      last.settle('busy');
    }
  }
}

function sumBytes(line: readonly Waiting[]): number {
  return line.reduce((sum, { bytes }) => sum + bytes, 0);
}

import { comeBackAt } from './come-back-at';

interface Wanted {
  readonly bytes: number;
  readonly siteId: string;
  /** The sends of its site take long. */
  readonly isSlow: boolean;
}

interface Waiting extends Wanted {
  readonly enter: () => void;
}

/** Bytes of bodies and files that sends may have in memory at once, counted as they are stored; a send has several copies of them. */
export const BYTES_AT_ONCE = 48 * 1024 * 1024;
/** The most sends that wait for room; each holds the slot of its activity meanwhile. */
const MOST_WAITING = 8;
/** The longest wait for room. */
const WAIT_MS = 1_000;
/** The shortest wait of a send that comes back, and the time from one to the next. */
const COME_BACK_MS = 2_000;
const SPACING_MS = 250;
const LONGEST_MS = 60_000;

/** Milliseconds until a send that found no room for its bytes should come back. */
type ComeBackMs = number;

/**
 * Bounds the memory that bodies and files take in a process: a send takes room before they are loaded, in the order of arrival, and
 * gives it back when they are sent. One site has half of the room at most, and so have all slow sites together; other sends pass one
 * that waits for such a share. A send that is larger than its share goes alone.
 */
export class ByteBudget {
  private readonly total: number;
  private held = 0;
  private slowHeld = 0;
  private readonly heldBySite = new Map<string, number>();
  private nextAt = 0;
  private readonly waiting = new Set<Waiting>();

  constructor(total = BYTES_AT_ONCE) {
    this.total = total;
  }

  /**
   * @param isSlow the sends of its site take long: such a send does not wait for its share
   * @returns a function that gives the room back (a second call does nothing), or when to come back
   */
  async take(bytes: number, siteId: string, isSlow: boolean): Promise<(() => void) | ComeBackMs> {
    const wanted: Wanted = { bytes, siteId, isSlow };
    if (isSlow && !this.isWithinShare(wanted)) return this.comeBackMs();
    return (await this.turn(wanted)) ? this.release(wanted) : this.comeBackMs();
  }

  private isWithinShare({ bytes, siteId, isSlow }: Wanted): boolean {
    const fits = (held: number): boolean => held === 0 || held + bytes <= this.total / 2;
    return fits(this.heldBySite.get(siteId) ?? 0) && (!isSlow || fits(this.slowHeld));
  }

  /** @returns false when there was no room in time, or too many wait: one site has half of those places, too */
  private async turn(wanted: Wanted): Promise<boolean> {
    return await new Promise<boolean>((resolve) => {
      const one: Waiting = {
        ...wanted,
        enter: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      const giveUp = (): void => {
        clearTimeout(timer);
        this.waiting.delete(one);
        this.letIn(); // smaller ones may have waited behind it
        resolve(false);
      };
      const timer = setTimeout(giveUp, WAIT_MS);
      this.waiting.add(one);
      this.letIn();
      const ofSite = [...this.waiting].filter(({ siteId }) => siteId === one.siteId).length;
      const isCrowded = this.waiting.size > MOST_WAITING || ofSite > MOST_WAITING / 2;
      if (this.waiting.has(one) && isCrowded) giveUp();
    });
  }

  private hold({ siteId, isSlow }: Wanted, bytes: number): void {
    const ofSite = (this.heldBySite.get(siteId) ?? 0) + bytes;
    if (ofSite === 0) this.heldBySite.delete(siteId);
    else this.heldBySite.set(siteId, ofSite);
    this.held += bytes;
    if (isSlow) this.slowHeld += bytes;
  }

  private release(wanted: Wanted): () => void {
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      this.hold(wanted, -wanted.bytes);
      this.letIn();
    };
  }

  /** Lets sends in, in the order of arrival, up to one for which there is no room; one that waits for its share holds up no other. */
  private letIn(): void {
    for (const one of this.waiting) {
      if (!this.isWithinShare(one)) continue;
      if (this.held > 0 && this.held + one.bytes > this.total) return;
      this.waiting.delete(one);
      this.hold(one, one.bytes);
      one.enter();
    }
  }

  private comeBackMs(): ComeBackMs {
    const now = performance.now();
    const waits = { firstMs: COME_BACK_MS, spacingMs: SPACING_MS, longestMs: LONGEST_MS };
    this.nextAt = comeBackAt(this.nextAt, now, waits);
    return this.nextAt - now;
  }
}

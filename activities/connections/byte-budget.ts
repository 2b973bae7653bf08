import { comeBackAt } from './come-back-at';

interface Wanted {
  readonly bytes: number;
  readonly siteId: string;
  /** Its site's sends take long. */
  readonly isSlow: boolean;
}

interface Waiting extends Wanted {
  readonly enter: () => void;
}

/** Bytes that sends may have in memory at once, as they are stored; while they are sent each is there several times. */
export const BYTES_AT_ONCE = 48 * 1024 * 1024;
/** Sends that wait for room, at most; each holds the slot of its activity meanwhile. */
const MOST_WAITING = 8;
/** And for so long. */
const WAIT_MS = 1_000;
/** When it is worth coming back, at least, and from one that has to come back to the next. */
const COME_BACK_MS = 2_000;
const SPACING_MS = 250;
const LONGEST_MS = 60_000;

/** What a send gets that found no room for its bytes: milliseconds until it should come back. */
type ComeBackMs = number;

/**
 * Bounds what bodies and files take of a process's memory: room is taken before they are loaded, in the order of coming, and given
 * back when they are sent. One site has half of the room at most, and so have all slow ones together; others pass one that waits
 * for that. One that is larger than what it may have goes alone.
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
   * @param isSlow its site's sends take long: such a one does not wait for its share
   * @returns what gives the room back, once or more often; or when to come back for it
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

  /** @returns false when it did not come in time, or too many wait: one site has half of those places, too */
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
        this.letIn(); // it may have stood before smaller ones
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

  /** In the order of coming, up to one for which there is no room; what waits for its share only holds up none. */
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

interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

/** Bytes that sends may have in memory at once, as they are stored; while they are sent each is there several times. */
export const BYTES_AT_ONCE = 64 * 1024 * 1024;
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
 * back when they are sent. One that is larger than all the room there is goes alone.
 */
export class ByteBudget {
  private readonly total: number;
  private held = 0;
  private slowHeld = 0;
  private nextAt = 0;
  private readonly waiting = new Set<Waiting>();

  constructor(total = BYTES_AT_ONCE) {
    this.total = total;
  }

  /**
   * @param isSlow its site's sends take long: those have half of the room together
   * @returns what gives the room back, once or more often; or when to come back for it
   */
  async take(bytes: number, isSlow: boolean): Promise<(() => void) | ComeBackMs> {
    if (isSlow && this.slowHeld > 0 && this.slowHeld + bytes > this.total / 2) return this.comeBackMs();
    if (this.waiting.size > 0 || !this.fits(bytes)) {
      const hasRoom = this.waiting.size < MOST_WAITING && (await this.turn(bytes));
      if (!hasRoom) return this.comeBackMs();
    } else this.held += bytes;
    if (isSlow) this.slowHeld += bytes;
    return this.release(bytes, isSlow);
  }

  private fits(bytes: number): boolean {
    return this.held === 0 || this.held + bytes <= this.total;
  }

  /** @returns false when it did not come in time */
  private async turn(bytes: number): Promise<boolean> {
    return await new Promise<boolean>((resolve) => {
      const one: Waiting = {
        bytes,
        enter: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        this.waiting.delete(one);
        this.letIn(); // it may have stood before smaller ones
        resolve(false);
      }, WAIT_MS);
      this.waiting.add(one);
    });
  }

  private release(bytes: number, isSlow: boolean): () => void {
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      this.held -= bytes;
      if (isSlow) this.slowHeld -= bytes;
      this.letIn();
    };
  }

  /** The first in line, as long as there is room for it. */
  private letIn(): void {
    for (const one of this.waiting) {
      if (!this.fits(one.bytes)) return;
      this.waiting.delete(one);
      this.held += one.bytes;
      one.enter();
    }
  }

  private comeBackMs(): ComeBackMs {
    const now = performance.now();
    this.nextAt = Math.max(this.nextAt, now + COME_BACK_MS) + SPACING_MS;
    return Math.min(this.nextAt - now, LONGEST_MS);
  }
}

export interface Waiting {
  readonly siteId: string;
  readonly bytes: number;
}

export interface QueueLimits {
  /** Who waits, at most. */
  readonly maxWaiting: number;
  /** Bytes that they hold together, at most. */
  readonly maxWaitingBytes: number;
}

/** The events of one site in their order. Taking the first costs the same however many stand behind it. */
class Line<T extends Waiting> {
  #waiting: (T | undefined)[] = [];
  /** Place of the first; those before it have left. */
  #head = 0;
  bytes = 0;

  get length(): number {
    return this.#waiting.length - this.#head;
  }

  get first(): T | undefined {
    return this.#waiting[this.#head];
  }

  get last(): T | undefined {
    return this.#waiting.at(-1);
  }

  add(one: T): void {
    this.#waiting.push(one);
    this.bytes += one.bytes;
  }

  /** @returns false when it is not there */
  remove(one: T): boolean {
    const place = this.first === one ? this.#head : this.#waiting.lastIndexOf(one);
    if (place < this.#head) return false;
    if (place === this.#head) this.#waiting[this.#head++] = undefined;
    else this.#waiting.splice(place, 1);
    if (this.#head >= MOST_EMPTY && this.#head > this.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    this.bytes -= one.bytes;
    return true;
  }
}

/** Places that are empty, at most, before a line moves up: then it does so when they are more than those who wait. */
const MOST_EMPTY = 1_000;

/**
 * Where events wait for a start, by site in turn: a site that floods the publisher waits behind itself, not before the others.
 * When the room is full, the site with the largest share of it gives way.
 */
export class SiteQueues<T extends Waiting> {
  readonly #limits: QueueLimits;
  readonly #sendAway: (one: T) => void;
  /** Sites in the order of their turns, each with its events in their order. */
  readonly #lines = new Map<string, Line<T>>();
  #size = 0;
  #bytes = 0;

  /** @param sendAway called with one who had to leave its place to another site */
  constructor(limits: QueueLimits, sendAway: (one: T) => void) {
    this.#limits = limits;
    this.#sendAway = sendAway;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns false when there is no room */
  enter(one: T): boolean {
    if (!this.#makeRoom(one)) return false;
    const line = this.#lines.get(one.siteId) ?? new Line<T>();
    this.#lines.set(one.siteId, line);
    line.add(one);
    this.#size += 1;
    this.#bytes += one.bytes;
    return true;
  }

  leave(one: T): void {
    const line = this.#lines.get(one.siteId);
    if (!line?.remove(one)) return;
    if (line.length === 0) this.#lines.delete(one.siteId);
    this.#size -= 1;
    this.#bytes -= one.bytes;
  }

  /** Takes the first of the next site whose first may go; that site is the last in turn then, the others keep their turn. */
  takeNext(mayGo: (one: T) => boolean): T | undefined {
    for (const [siteId, line] of this.#lines) {
      const { first } = line;
      if (first === undefined || !mayGo(first)) continue;
      this.leave(first);
      if (this.#lines.delete(siteId)) this.#lines.set(siteId, line);
      return first;
    }
    return undefined;
  }

  /** False when the newcomer's own site would have the largest share of what there is too much of. One alone always has room. */
  #makeRoom({ siteId, bytes }: T): boolean {
    for (;;) {
      if (this.#size === 0) return true;
      const tooMany = this.#size + 1 > this.#limits.maxWaiting;
      if (!tooMany && this.#bytes + bytes <= this.#limits.maxWaitingBytes) return true;
      const shareOf = (line: Line<T> | undefined): number => (tooMany ? line?.length : line?.bytes) ?? 0;
      const own = shareOf(this.#lines.get(siteId)) + (tooMany ? 1 : bytes);
      let largest: Line<T> | undefined;
      for (const line of this.#lines.values()) if (shareOf(line) > shareOf(largest)) largest = line;
      const last = largest?.last;
      if (!last || shareOf(largest) <= own) return false;
      this.leave(last);
      this.#sendAway(last);
    }
  }
}

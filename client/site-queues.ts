import type { PublisherSettings } from './publisher-options';

export interface Queueable {
  readonly siteId: string;
  readonly bytes: number;
}

/** Of all queues together. */
export type QueueLimits = Pick<PublisherSettings, 'maxWaiting' | 'maxWaitingBytes'>;

/** Empty places before the first of a queue that are left as they are. */
const MOST_EMPTY = 1_000;

/** The events of one site in their order. To take the first costs the same however long the queue is. */
class Queue<T extends Queueable> {
  #places: (T | undefined)[] = [];
  /** Index of the first; the places before it are empty. */
  #head = 0;
  bytes = 0;

  get length(): number {
    return this.#places.length - this.#head;
  }

  get first(): T | undefined {
    return this.#places[this.#head];
  }

  firstBeside(stepsAside: (one: T) => boolean): T | undefined {
    for (let place = this.#head; place < this.#places.length; place++) {
      const one = this.#places[place];
      if (one !== undefined && !stepsAside(one)) return one;
    }
    return undefined;
  }

  get last(): T | undefined {
    return this.#places.at(-1);
  }

  add(one: T): void {
    this.#places.push(one);
    this.bytes += one.bytes;
  }

  /** @returns false when it is not there */
  remove(one: T): boolean {
    const place = this.first === one ? this.#head : this.#places.lastIndexOf(one);
    if (place < this.#head) return false;
    if (place === this.#head) this.#places[this.#head++] = undefined;
    else this.#places.splice(place, 1);
    if (this.#head >= MOST_EMPTY && this.#head > this.length) {
      this.#places = this.#places.slice(this.#head);
      this.#head = 0;
    }
    this.bytes -= one.bytes;
    return true;
  }
}

/**
 * A queue per site, in turn: a site that publishes a flood waits behind itself. When they are full, an event of another site
 * takes the place of the last one of the site with the largest share.
 */
export class SiteQueues<T extends Queueable> {
  readonly #limits: QueueLimits;
  readonly #onDisplaced: (one: T) => void;
  /** In the order of their turns. */
  readonly #queues = new Map<string, Queue<T>>();
  #size = 0;
  #bytes = 0;

  constructor(limits: QueueLimits, onDisplaced: (one: T) => void) {
    this.#limits = limits;
    this.#onDisplaced = onDisplaced;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns false when there is no room */
  add(one: T): boolean {
    if (!this.#makeRoom(one)) return false;
    const queue = this.#queues.get(one.siteId) ?? new Queue<T>();
    this.#queues.set(one.siteId, queue);
    queue.add(one);
    this.#size += 1;
    this.#bytes += one.bytes;
    return true;
  }

  /** @returns false when it is not there */
  remove(one: T): boolean {
    const queue = this.#queues.get(one.siteId);
    if (!queue?.remove(one)) return false;
    if (queue.length === 0) this.#queues.delete(one.siteId);
    this.#size -= 1;
    this.#bytes -= one.bytes;
    return true;
  }

  /**
   * Takes the first of the next site whose first fits; that site is the last in turn then, the others keep their turn.
   *
   * @param stepsAside an event for which those behind it do not wait
   */
  takeNext(fits: (one: T) => boolean, stepsAside: (one: T) => boolean = () => false): T | undefined {
    for (const [siteId, queue] of this.#queues) {
      const first = queue.firstBeside(stepsAside);
      if (first === undefined || !fits(first)) continue;
      this.remove(first);
      if (this.#queues.delete(siteId)) this.#queues.set(siteId, queue);
      return first;
    }
    return undefined;
  }

  /** False when the event's own site would have the largest share of the events or bytes, of which there are too many. One alone always has room. */
  #makeRoom({ siteId, bytes }: T): boolean {
    for (;;) {
      if (this.#size === 0) return true;
      const tooMany = this.#size + 1 > this.#limits.maxWaiting;
      if (!tooMany && this.#bytes + bytes <= this.#limits.maxWaitingBytes) return true;
      const shareOf = (queue: Queue<T> | undefined): number => (tooMany ? queue?.length : queue?.bytes) ?? 0;
      const own = shareOf(this.#queues.get(siteId)) + (tooMany ? 1 : bytes);
      let largest: Queue<T> | undefined;
      for (const queue of this.#queues.values()) if (shareOf(queue) > shareOf(largest)) largest = queue;
      const last = largest?.last;
      if (!last || shareOf(largest) <= own) return false;
      this.remove(last);
      this.#onDisplaced(last);
    }
  }
}

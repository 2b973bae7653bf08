import type { Slots } from '../connections/slots';
import type { RoutedDelivery } from '../record/recorded-event';

/** Deliveries of an event that are first tried beside its workflow; those of an event that has more go to their queues. */
export const MOST_OF_EVENT = 8;
/** A first attempt that has not ended after so many milliseconds is not counted any more: its workflow task was lost before it began. */
const LOST_AFTER_MS = 30_000;

/**
 * Decides which deliveries to destinations are first tried beside their workflow, as local activities, and so need no task on their
 * consumer's queue. Each holds its workflow's task open, and with it a slot: so they are those of few events at once, of sites whose
 * destinations answer soon, and only while the consumer has half of its slots free.
 */
export class FirstAttempts {
  readonly #mostEvents: number;
  readonly #slots: ReadonlyMap<string, Slots>;
  /** By delivery id: its event, and the time by `performance.now()` from which it is not counted any more. */
  readonly #underWay = new Map<string, { readonly key: string; readonly until: number }>();

  /**
   * @param mostEvents whose deliveries are tried so at once
   * @param slots of each consumer with destinations
   */
  constructor(mostEvents: number, slots: ReadonlyMap<string, Slots>) {
    this.#mostEvents = mostEvents;
    this.#slots = slots;
  }

  /** @returns ids of those that are tried beside their workflow; each has to `leave` */
  take(key: string, siteId: string, deliveries: readonly RoutedDelivery[]): ReadonlySet<string> {
    const now = performance.now();
    for (const [id, { until }] of this.#underWay) if (until < now) this.#underWay.delete(id);
    const events = new Set([...this.#underWay.values()].map((one) => one.key));
    const ids = deliveries.filter((one) => this.#mayBeTried(siteId, one)).map(({ id }) => id);
    if (events.size >= this.#mostEvents || ids.length > MOST_OF_EVENT) return new Set();
    for (const id of ids) this.#underWay.set(id, { key, until: now + LOST_AFTER_MS });
    return new Set(ids);
  }

  leave(ids: readonly string[]): void {
    for (const id of ids) this.#underWay.delete(id);
  }

  #mayBeTried(siteId: string, { mine, state, consumer }: RoutedDelivery): boolean {
    const slots = this.#slots.get(consumer);
    return mine && state === 'pending' && slots !== undefined && slots.isHalfFree && !slots.isSlow(siteId);
  }
}

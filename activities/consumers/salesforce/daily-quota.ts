import { DeliveryFailure } from '../../failures';

/** Calls of an org in the last 24 hours, by all that call it, as `Sforce-Limit-Info` says with each answer. */
export interface ApiUsage {
  readonly used: number;
  readonly limit: number;
}

/** The rest is left to the org's other programs, and to the calls that are under way. */
const STOP_AT = 0.95;
/** Calls of a day ago no longer count, so one delivery asks again after this. */
const ASK_AGAIN_MS = 30 * 60_000;

/** The number of an org's calls of the day, as a worker knows it. Every worker learns it from its own answers, which count those of all. */
export class DailyQuota {
  #last: (ApiUsage & { readonly readAt: number }) | undefined;

  note(usage: ApiUsage): void {
    this.#last = { ...usage, readAt: performance.now() };
  }

  /** @throws DeliveryFailure RateLimited while the calls of the day are nearly used up */
  check(): void {
    if (this.#last === undefined) return;
    const { used, limit, readAt } = this.#last;
    const leftMs = readAt + ASK_AGAIN_MS - performance.now();
    if (used < limit * STOP_AT || leftMs <= 0) return;
    const message = `Salesforce has counted ${used} of the ${limit} calls of the day; deliveries go on when some are left.`;
    throw new DeliveryFailure('RateLimited', message, { details: { used, limit }, retryAfterMs: leftMs });
  }
}

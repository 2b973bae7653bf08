import { log } from '@temporalio/activity';
import { setMaxListeners } from 'node:events';

/** No activity ends a send whose answer is late: its outcome can be written for so long. */
const LATE_WRITE_MS = 60_000;
export const endOfLate = (): number => performance.now() + LATE_WRITE_MS;

/** The failure of an activity that does not wait for the answer. */
export const ANSWER_AWAITED = { type: 'Unavailable', message: 'It was sent, and its answer is awaited.', details: {} };

/** Renewals in the time of one lease, so that one that fails does not end it. */
const RENEWALS = 4;

/**
 * Sends that go on without their activity, so that they hold neither its slot nor the others of its batch: their deadline is over and
 * only their answer is missing, or (early) their activity is a local one, which is over sooner. One for the whole process.
 */
export class LateAnswers {
  /** With whether it is early. */
  private readonly waiting = new Map<Promise<void>, boolean>();
  private readonly ending = new AbortController();

  constructor() {
    setMaxListeners(0, this.ending.signal);
  }

  /** Aborted when the process stops. */
  get stopping(): AbortSignal {
    return this.ending.signal;
  }

  /** Keeps the lease of a send until it has ended, with its outcome written. */
  add(sending: Promise<unknown>, leaseSeconds: number, renew: () => Promise<unknown>, isEarly = false): void {
    const keep = (): void => void renew().catch(() => {}); // it is repeated soon
    keep();
    const renewing = setInterval(keep, (1000 * leaseSeconds) / RENEWALS);
    const one = sending
      .then(
        () => {},
        () =>
          log.warn(
            'The answer to a send came late, and its outcome is not written; the delivery remembers that it was sent.',
          ),
      )
      .finally(() => {
        clearInterval(renewing);
        this.waiting.delete(one);
      });
    this.waiting.set(one, isEarly);
  }

  /** Resolves when the sends whose deadline is not over have ended; their deadlines bound it. */
  async untilEarlyEnded(): Promise<void> {
    await Promise.all([...this.waiting].filter(([, isEarly]) => isEarly).map(([one]) => one));
  }

  /** Ends all waits; resolves when their outcomes are written. */
  async close(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.waiting.keys());
  }
}

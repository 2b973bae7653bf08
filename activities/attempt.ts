import type { Outcome } from '../db/settle-deliveries';

/** One attempt at one delivery, for the log and the counters. */
export interface Attempt {
  readonly deliveryId: string;
  readonly eventKey: string;
  readonly siteId: string;
  readonly dataQueue: string;
  readonly consumer: string;
  readonly cluster: string;
  /** Number of the activity's attempt. */
  readonly attempt: number;
  /** Counted tries, this one included if it counts. */
  readonly tries: number;
  readonly durationMs: number;
  /** Since the event was accepted, by the clocks of its publisher and of this worker. */
  readonly ageMs: number;
  /** It was sent, although an earlier attempt may have reached the destination. */
  readonly isRepeat: boolean;
  /** superseded: another attempt, or an operator, had changed the row before this outcome was written. */
  readonly outcome: Outcome['state'] | 'superseded';
  readonly failure: Outcome['failure'];
}

/** Milliseconds since the event was accepted; its publisher's clock may be ahead. */
export const ageOf = (receivedAt: string): number => Math.max(0, Date.now() - Date.parse(receivedAt));

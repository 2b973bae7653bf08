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
  /** superseded: another attempt, or an operator, had changed the row before this outcome was written. */
  readonly outcome: Outcome['state'] | 'superseded';
  readonly failure: Outcome['failure'];
}

import { hostname } from 'node:os';
import type { MadeAttempt, Outcome } from '../../db/settle-deliveries';

/** As the SDK names a worker process, and the Web UI shows it. */
const WORKER = `${process.pid}@${hostname()}`;

/** The record of an attempt: no word of it comes from an event or a destination. */
export function madeAttempt({ state, failure, receipt }: Outcome, durationMs: number): MadeAttempt {
  const { status, responseCode, sqlState } = failure?.details ?? {};
  const said = [status, responseCode, sqlState, receipt?.['status']].find(isStatus);
  return {
    outcome: state,
    ...(failure !== null && { failure: failure.type }),
    ...(said !== undefined && { status: said }),
    ms: Math.round(durationMs),
    worker: WORKER,
  };
}

/** An HTTP status, an SMTP code, a SQLSTATE. */
const isStatus = (value: unknown): value is number | string =>
  typeof value === 'number' || (typeof value === 'string' && /^[0-9A-Z]{5}$/.test(value));

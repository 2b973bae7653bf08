import { Context } from '@temporalio/activity';

/**
 * Longest time that a batch tries a delivery; then the delivery goes to its event's own workflow. A little over five minutes, so
 * that it has the third try of a webhook (5 s and 5 min after the others, each 10 % more or less).
 */
const BATCH_LIMIT_MS = 360_000;

export interface BatchTime {
  /** Heartbeats, with the time since when the batch has been trying. */
  readonly beat: () => void;
  /** True when another attempt after so many milliseconds would come too late. */
  readonly isOver: (afterMs: number) => boolean;
}

/**
 * How long a batch's activity has been trying: from the end of its first attempt, by the server's clock, so that time without a
 * worker does not count. It is kept in the heartbeat details; if they are lost, it is counted anew.
 */
export function openBatchTime(): BatchTime {
  const context = Context.current();
  const { attempt, currentAttemptScheduledTimestampMs: scheduledAt, heartbeatDetails } = context.info;
  const known = (heartbeatDetails as { readonly since?: unknown } | undefined)?.since;
  const since = typeof known === 'number' ? known : scheduledAt;
  const began = performance.now();
  const beat = (): void => context.heartbeat({ since: attempt === 1 ? undefined : since });
  beat();
  return {
    beat,
    isOver: (afterMs) => {
      const triedMs = attempt === 1 ? 0 : scheduledAt - since + performance.now() - began;
      return triedMs + afterMs > BATCH_LIMIT_MS;
    },
  };
}

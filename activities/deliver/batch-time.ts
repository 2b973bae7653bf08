import { Context } from '@temporalio/activity';

/**
 * Longest time that a batch keeps trying what fails for now; then it goes to the event's own workflow. A bit over five minutes, so
 * that the third try of a webhook (5 s and 5 min after the others, each 10 % more or less) is in it: an endpoint that is back by
 * then costs no workflow more.
 */
const BATCH_LIMIT_MS = 360_000;

export interface BatchTime {
  /** Tells the server that this attempt is alive, and since when there is one. */
  readonly beat: () => void;
  /** True when another attempt after so many milliseconds would come too late. */
  readonly isOver: (afterMs: number) => boolean;
}

/**
 * How long a batch's activity has been trying: from the end of its first attempt, by the server's clock. The time in the queue and an
 * outage of workers do not count. The start is kept with the heartbeats; without it, the time is counted anew.
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

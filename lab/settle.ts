import { setTimeout as pause } from 'node:timers/promises';
import { countDeliveries, type DeliveryCounts } from './queries/counts';
import type { Tx } from '../db/tx';

export interface SettleOptions {
  /** True when the wait is over. */
  readonly isSettled: (counts: DeliveryCounts) => boolean | Promise<boolean>;
  readonly onCounts: (counts: DeliveryCounts) => void;
  /** Gives up when nothing changed for so long, in milliseconds. Default 60,000. */
  readonly stalledAfterMs?: number;
}

/** Between two looks, in milliseconds. */
const LOOK_EVERY_MS = 250;

/**
 * Watches the deliveries until they stand as asked, or nothing moves any more.
 *
 * @returns true when it settled
 */
export async function settle(
  db: Tx,
  { isSettled, onCounts, stalledAfterMs = 60_000 }: SettleOptions,
): Promise<boolean> {
  let last = '';
  let movedAt = performance.now();
  for (;;) {
    const counts = await countDeliveries(db);
    onCounts(counts);
    if (await isSettled(counts)) return true;
    const now = JSON.stringify(counts);
    if (now !== last) movedAt = performance.now();
    else if (performance.now() - movedAt > stalledAfterMs) return false;
    last = now;
    await pause(LOOK_EVERY_MS);
  }
}

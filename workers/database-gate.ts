import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Tx } from '../db/tx';

const PROBE_EVERY_MS = 1_000;
const FAILURES_TO_CLOSE = 2;

/**
 * Open while the database answers. While it is closed the process takes no new work, so that events wait on the server as
 * tasks that no worker has started, instead of failing again and again.
 */
export class DatabaseGate {
  private readonly events = new EventTarget();
  private opened = false;

  get isOpen(): boolean {
    return this.opened;
  }

  /** Asks the database every second until `signal` is aborted. */
  async watch(database: Tx, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      const answered = await database.query('select 1').then(
        () => true,
        () => false,
      );
      failures = answered ? 0 : failures + 1;
      if (answered !== this.opened && (answered || failures >= FAILURES_TO_CLOSE)) {
        this.opened = answered;
        this.events.dispatchEvent(new Event('change'));
      }
      await delay(PROBE_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Resolves when the gate is open (or closed), or `signal` is aborted. */
  async until(open: boolean, signal: AbortSignal): Promise<void> {
    while (this.opened !== open && !signal.aborted) await once(this.events, 'change', { signal }).catch(() => {});
  }
}

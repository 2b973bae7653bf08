import type { CustomSlotSupplier, SlotInfo } from '@temporalio/worker';
import { setTimeout as delay } from 'node:timers/promises';
import type { Tx } from '../db/tx';

const PROBE_EVERY_MS = 1_000;
const FAILURES_TO_CLOSE = 2;
const PERMIT = {};

/**
 * Hands out slots to the Workers while the database answers. Without a slot a Worker asks its server for no work, so that events wait
 * there as tasks that no worker has started; tasks under way go on.
 */
export class DatabaseGate {
  private opened = false;
  /** Of the Workers that wait for a slot. */
  private readonly waiting = new Set<() => void>();
  private readonly freeSlots = new Map<string, number>();

  private readonly onChange: () => void;

  /** @param onChange called each time when the database answers again, or no longer */
  constructor(onChange = (): void => {}) {
    this.onChange = onChange;
  }

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
        this.onChange();
        for (const handOut of this.waiting) handOut();
      }
      await delay(PROBE_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /**
   * How many slots no task holds, by the names that `slots` was given: a poll that waits for a task gives its slot to the task. The SDK's own
   * metric knows only suppliers of its own.
   */
  get free(): ReadonlyMap<string, number> {
    return this.freeSlots;
  }

  /** So many slots for one Worker: the SDK asks for one before each poll, and gives it back when the task has ended. */
  slots(count: number, name: string): CustomSlotSupplier<SlotInfo> {
    let free = count;
    let used = 0;
    const note = (): void => void this.freeSlots.set(name, count - used);
    note();
    const waiting = new Set<() => void>();
    const take = (): boolean => {
      if (!this.opened || free === 0) return false;
      free -= 1;
      return true;
    };
    const handOut = (): void => {
      for (const one of waiting) {
        if (!take()) return;
        one();
      }
    };
    return {
      type: 'custom',
      reserveSlot: async (_, signal) => {
        if (take()) return PERMIT;
        return await new Promise((resolve, reject) => {
          const give = (): void => {
            forget();
            resolve(PERMIT);
          };
          const withdraw = (): void => {
            forget();
            reject(signal.reason as Error); // the SDK knows its own reason
          };
          const forget = (): void => {
            waiting.delete(give);
            if (waiting.size === 0) this.waiting.delete(handOut);
            signal.removeEventListener('abort', withdraw);
          };
          waiting.add(give);
          this.waiting.add(handOut);
          signal.addEventListener('abort', withdraw);
        });
      },
      tryReserveSlot: () => (take() ? PERMIT : null),
      markSlotUsed: () => {
        used += 1;
        note();
      },
      releaseSlot: ({ slotInfo }) => {
        free += 1;
        if (slotInfo !== undefined) used -= 1; // else a poll had it that got no task
        note();
        handOut();
      },
    };
  }
}

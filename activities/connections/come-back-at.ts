export interface Waits {
  /** The shortest wait, in milliseconds. */
  readonly firstMs: number;
  /** From one that comes back to the next, in milliseconds. */
  readonly spacingMs: number;
  /** The longest wait, in milliseconds: however many wait. */
  readonly longestMs: number;
}

/** When the next delivery that found no room should come back, of `performance.now()`; the one before was told `nextAt`. */
export const comeBackAt = (nextAt: number, now: number, { firstMs, spacingMs, longestMs }: Waits): number =>
  Math.min(Math.max(nextAt, now + firstMs) + spacingMs, now + longestMs);

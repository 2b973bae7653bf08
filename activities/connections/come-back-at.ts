export interface Waits {
  /** At least, in milliseconds. */
  readonly firstMs: number;
  /** After the one before. */
  readonly spacingMs: number;
  /** At most: what many ask for does not run ahead of the clock without end. */
  readonly longestMs: number;
}

/** When the next that found no room should come back (of `performance.now()`), after the one that was told `nextAt`. */
export const comeBackAt = (nextAt: number, now: number, { firstMs, spacingMs, longestMs }: Waits): number =>
  Math.min(Math.max(nextAt, now + firstMs) + spacingMs, now + longestMs);

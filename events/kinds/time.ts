import { z } from 'zod';
import { nullable } from './kind';
import { readTime } from './read-time';

/**
 * A moment, `2026-01-02T03:04:05.678Z`. Without a zone it is UTC; finer than milliseconds is cut off.
 * Accepts ISO 8601, `/Date(ms)/` and Date. DateTime.MinValue and MaxValue are none.
 */
export const time = nullable({
  label: 'time',
  wire: 'Time',
  schema: z.iso.datetime({ precision: 3 }),
  expected: 'expected a time in ISO 8601, years 1 to 9999',
  read: readTime,
});

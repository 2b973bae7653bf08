/** The simulated day: a Friday, with the Black Friday sale a week away. */
export const DAY = '2026-11-20';

/** What .NET prints for a DateTime that nobody set. */
export const MIN_VALUE = '0001-01-01T00:00:00';

/** Midnight of the day plus so many milliseconds, in the envelope's form: ISO, UTC, with Z. */
export function instant(ms: number): string {
  return new Date(Date.parse(`${DAY}T00:00:00.000Z`) + ms).toISOString();
}

/**
 * The same as a C# DateTime without a time zone, as Newtonsoft.Json prints it: the fraction without its trailing zeros,
 * down to ticks of 100 ns.
 *
 * @param ticks what to add below the millisecond, 0 to 9,999
 */
export function dateTime(ms: number, ticks = 0): string {
  const text = instant(ms);
  const fraction = (text.slice(20, 23) + String(ticks).padStart(4, '0')).replace(/0+$/, '');
  return text.slice(0, 19) + (fraction === '' ? '' : `.${fraction}`);
}

/** Hours, minutes and seconds of the day in milliseconds. */
export function timeOfDay(hours: number, minutes = 0, seconds = 0): number {
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}

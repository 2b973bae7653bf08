/** How a number goes through JSON that no double can hold: `{ "$number": "1e400" }`. JSON.stringify would make it null. */
const MARK = '$number';

/** The mark of a number that is not finite. */
export const markUnheld = (number: number): object => ({ [MARK]: String(number) });

/** True for a number that is not finite, and for its mark. No kind reads either. */
export function isUnheld(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  const marked = (value as Readonly<Record<string, unknown>>)[MARK]; // an object of JSON
  return typeof marked === 'string' && !Number.isFinite(Number(marked));
}

import { z } from 'zod';
import type { Kind } from './kind';
import { integerText } from './numbers';

const MAX_DIGITS = 64;
export const SITE_ID_EXPECTED = 'expected a site id: a whole number above 0';

/** The site as decimal text, undefined for what is none: 0, negative, not whole. */
export function readSiteId(value: unknown): string | undefined {
  const digits = integerText(value);
  return digits !== undefined && digits.length <= MAX_DIGITS && /^[1-9]/.test(digits) ? digits : undefined;
}

/** The event's site. Where the data name none, the one that was named beside them. */
export const siteId: Kind<z.ZodString> = {
  label: 'site id, required',
  schema: z
    .string()
    .regex(/^[1-9]\d*$/)
    .max(MAX_DIGITS),
  read: (value, reading, path) => readSiteId(value) ?? reading.refuse(path, SITE_ID_EXPECTED),
  absent(reading, path) {
    if (reading.siteId === null) reading.refuse(path, 'is required');
    // Where it is null the event is refused.
    return reading.siteId as string;
  },
  write: (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value),
};

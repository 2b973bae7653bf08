import { z } from 'zod';
import type { Kind } from './kind';
import { integerText } from './numbers';

const MAX_DIGITS = 64;
export const SITE_ID_EXPECTED = 'expected a site id: a whole number above 0';

/** The site as decimal text; undefined for a value that is no site: 0, negative, not whole. */
export function readSiteId(value: unknown): string | undefined {
  const digits = integerText(value);
  return digits !== undefined && digits.length <= MAX_DIGITS && /^[1-9]/.test(digits) ? digits : undefined;
}

/** The event's site. The data must name the one that is named beside them; where they name none, it is that one. */
export const siteId: Kind<z.ZodString> = {
  label: 'site id, required',
  wire: 'Id',
  isRequired: true,
  schema: z
    .string()
    .regex(/^[1-9]\d*$/)
    .max(MAX_DIGITS),
  read(value, reading, path) {
    const site = readSiteId(value);
    if (site === undefined) return reading.refuse(path, SITE_ID_EXPECTED);
    if (reading.siteId !== null && reading.siteId !== site) return reading.refuse(path, 'differs from siteId');
    return (reading.siteId = site);
  },
  absent(reading, path) {
    if (reading.siteId === null) reading.refuse(path, 'is required');
    // Where it is null the event is refused.
    return reading.siteId as string;
  },
};

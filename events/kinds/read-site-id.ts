import { integerText } from './whole-numbers';

export const MAX_SITE_DIGITS = 64;
export const SITE_ID_EXPECTED = 'expected a site id: a whole number above 0';

/** The site as decimal text; undefined for a value that is no site: 0, negative, not whole. */
export function readSiteId(value: unknown): string | undefined {
  const digits = integerText(value);
  return digits !== undefined && digits.length <= MAX_SITE_DIGITS && /^[1-9]/.test(digits) ? digits : undefined;
}

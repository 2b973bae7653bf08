import { z } from 'zod';
import type { Kind } from './kind';
import { MAX_SITE_DIGITS, readSiteId, SITE_ID_EXPECTED } from './read-site-id';

/** The event's site. The data must name the one that is named beside them; where they name none, it is that one. */
export const siteId: Kind<z.ZodString> = {
  label: 'site id, required',
  wire: 'Id',
  isRequired: true,
  schema: z
    .string()
    .regex(/^[1-9]\d*$/)
    .max(MAX_SITE_DIGITS),
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

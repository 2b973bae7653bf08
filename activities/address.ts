import { z } from 'zod';
import { isAscii, readAddress } from '../events/address';

/** One mail address of a configuration, without blanks, its domain in ASCII. */
export const address = z
  .string()
  .refine((text) => readAddress(text) === text, { error: 'expected one address such as support@example.com' });

/** An address that every server accepts; replies go to it. */
export const asciiAddress = address.refine(isAscii, { error: 'expected an address of ASCII characters only' });

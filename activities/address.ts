import { z } from 'zod';
import { isAscii, readAddress } from '../events/address';

/** An address in a configuration, written as it is sent to: one, without blanks, its domain in ASCII. */
export const address = z
  .string()
  .refine((text) => readAddress(text) === text, { error: 'expected one address such as support@example.com' });

/** One that every server takes: what answers are sent to. */
export const asciiAddress = address.refine(isAscii, { error: 'expected an address of ASCII characters only' });

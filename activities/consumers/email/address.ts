import { z } from 'zod';

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';

/**
 * One address as RFC 5321 writes it, without name, quotes, comments or address literals. Whatever passes is one recipient: a
 * list such as `a@x, evil@y` does not.
 */
export const address = z
  .string()
  .max(254)
  .regex(new RegExp(`^(?=[^@]{1,64}@)${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+(?=[^.]*[A-Za-z])${LABEL}$`), {
    error: 'expected one address such as support@example.com',
  });

export const isAddress = (text: string): boolean => address.safeParse(text).success;

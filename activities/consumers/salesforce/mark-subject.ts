import { createHash } from 'node:crypto';
import { cutToField, withoutReferences } from './fit-record';
import type { Order } from './read-order';

/** A mark that makes the subject of one delivery unlike all others, the same on every try. */
export const markOf = (key: string): string =>
  createHash('sha256').update(key).digest('hex').slice(0, 10).toUpperCase();

/** For an org where repeats are recognised by their subject: the order with a marked one of at most `length` characters. */
export function markSubject(
  order: Order,
  key: string,
  length: number,
): { readonly order: Order; /** Where the mark needed its room. */ readonly whole?: string } {
  const mark = ` [${markOf(key)}]`;
  const values = Object.entries(order.recordValues);
  const given = values.findLast(([name]) => isSubject(name))?.[1] ?? order.subject;
  // As Salesforce keeps it, so that it is found again.
  const plain = withoutReferences(given).replaceAll(/\s+/g, ' ').trim();
  const room = length - mark.length;
  const subject = `${cutToField(plain, room)}${mark}`;
  const others = Object.fromEntries(values.filter(([name]) => !isSubject(name)));
  return {
    order: { ...order, subject, recordValues: others },
    ...(plain.length > room && { whole: given }),
  };
}

const isSubject = (name: string): boolean => name.toLowerCase() === 'subject';

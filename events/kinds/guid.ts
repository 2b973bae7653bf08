import { trimBlanks } from './blanks';

const GUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;
/** With dashes, and without: .NET's formats D and N. */
const LENGTHS = [36, 32];

/** .NET's default of a GUID: none. */
export const EMPTY_GUID = '00000000-0000-0000-0000-000000000000';

/**
 * A GUID as .NET's `Guid.ToString()` writes it, in lower case with dashes; undefined for a text that is no GUID. It reads
 * all one-line forms of .NET: also in upper case, without dashes, in braces, in parentheses. So one chat has one id, in any form that a server writes.
 */
export function canonicalGuid(text: string): string | undefined {
  const inner = /^\{.{36}\}$|^\(.{36}\)$/.test(text) ? text.slice(1, -1) : text;
  const parts = LENGTHS.includes(inner.length) ? GUID.exec(inner) : null;
  return parts?.slice(1).join('-').toLowerCase();
}

/** An id that a text names, as events have it: to compare those of configurations and commands with. */
export function canonicalId(text: string): string {
  const trimmed = trimBlanks(text);
  return canonicalGuid(trimmed) ?? trimmed;
}

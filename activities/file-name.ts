import { cutText } from '../events/cut-text';

/** File systems allow 255. */
const LONGEST_BYTES = 240;
/** Characters at each end. */
const LONGEST_LOOKED_AT = 10_000;
/** Controls, direction marks (`exe.fdp` shown from right to left) and invisible characters. */
// oxlint-disable-next-line no-control-regex -- the pattern is for control characters
const HARMFUL = /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g;
const EXTENSION = /(?:\.tar)?\.[\p{L}\p{N}_-]{1,16}$/iu;
/** Devices of Windows, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=[. ]|$)/i;

/**
 * A name under which a file can be stored anywhere: one line, no path, at most 240 bytes in UTF-8. A longer one is cut between
 * characters and keeps its extension.
 */
export function fileName(given: string | null, fallback: string): string {
  const line = bounded(given ?? '')
    .replace(/\s+/g, ' ')
    .replace(HARMFUL, '')
    .replace(/[/\\]/g, '_');
  const name = withoutEnd(line.trim());
  const safe = DEVICE.test(name) ? `_${name}` : name;
  if (Buffer.byteLength(safe) <= LONGEST_BYTES) return safe || fallback;
  const [extension = ''] = EXTENSION.exec(safe.slice(-40)) ?? [];
  const stem = safe.slice(0, safe.length - extension.length);
  return cutText(stem, LONGEST_BYTES - Buffer.byteLength(extension), 'bytes', '…') + extension;
}

/** A pattern may run out of stack over millions of characters; those in the middle would be cut anyway. */
function bounded(name: string): string {
  if (name.length <= 2 * LONGEST_LOOKED_AT) return name;
  const [begin, end] = [name.slice(0, LONGEST_LOOKED_AT), name.slice(-LONGEST_LOOKED_AT)];
  return begin.replace(/[\ud800-\udbff]$/, '') + end.replace(/^[\udc00-\udfff]/, ''); // no half characters
}

/** Windows ignores dots and spaces at the end: `a.exe.` is `a.exe`. */
function withoutEnd(name: string): string {
  let end = name.length;
  while (end > 0 && '. '.includes(name.charAt(end - 1))) end--;
  return name.slice(0, end);
}

/** Bytes of a code point in UTF-8; half of a surrogate pair is written as U+FFFD. */
const inBytes = (codePoint: number): number =>
  codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x1_0000 ? 3 : 4;

/** As JSON.stringify writes it: `\n`, `\"` and their like are two bytes, other control characters and half a surrogate pair `\u0000`. */
function inBytesOfJson(codePoint: number): number {
  if (codePoint === 0x22 || codePoint === 0x5c) return 2;
  if (codePoint < 0x20) return codePoint >= 8 && codePoint <= 13 && codePoint !== 11 ? 2 : 6;
  return codePoint >= 0xd800 && codePoint <= 0xdfff ? 6 : inBytes(codePoint);
}

/** Size of one code point, in the units that a receiver counts. */
const SIZES = {
  characters: () => 1,
  /** UTF-16, as JavaScript, Java and Salesforce count. */
  units: (codePoint) => (codePoint < 0x1_0000 ? 1 : 2),
  /** UTF-8. */
  bytes: inBytes,
  /** UTF-8, as it is written in JSON. */
  'bytes of JSON': inBytesOfJson,
} as const satisfies Record<string, (codePoint: number) => number>;

/**
 * The beginning of a text that is too long: whole code points, so that no half of a surrogate pair is left, which UTF-8 and
 * addresses (encodeURIComponent) do not know.
 *
 * @param mark ends a text that was cut, within `most`, where there is room for it
 */
export function cutText(text: string, most: number, unit: keyof typeof SIZES, mark = ''): string {
  const sizeOf: (codePoint: number) => number = SIZES[unit];
  const markSize = Array.from(mark, (character) => sizeOf(codePointOf(character, 0))).reduce(
    (sum, size) => sum + size,
    0,
  );
  const shown = markSize < most ? mark : '';
  const room = most - (shown === '' ? 0 : markSize);
  let [size, end, endOfKept] = [0, 0, 0];
  while (end < text.length) {
    const codePoint = codePointOf(text, end);
    size += sizeOf(codePoint);
    if (size > most) return `${text.slice(0, endOfKept)}${shown}`;
    end += codePoint < 0x1_0000 ? 1 : 2;
    if (size <= room) endOfKept = end;
  }
  return text;
}

/** The index is below the text's length, so that there is one. */
const codePointOf = (text: string, index: number): number => text.codePointAt(index) ?? 0;

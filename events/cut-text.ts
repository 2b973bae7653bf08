/** Size of one code point, in the units that a receiver counts. */
const SIZES = {
  characters: () => 1,
  /** UTF-16, as JavaScript, Java and Salesforce count. */
  units: (codePoint: string) => codePoint.length,
  /** UTF-8. */
  bytes: (codePoint: string) => Buffer.byteLength(codePoint),
  /** UTF-8, as it is written in JSON. */
  'bytes of JSON': (codePoint: string) => Buffer.byteLength(JSON.stringify(codePoint)) - 2,
} as const satisfies Record<string, (codePoint: string) => number>;

/**
 * The beginning of a text that is too long: whole code points, so that no half of a surrogate pair is left, which UTF-8 and
 * addresses (encodeURIComponent) do not know.
 *
 * @param mark ends a text that was cut, within `most`, where there is room for it
 */
export function cutText(text: string, most: number, unit: keyof typeof SIZES, mark = ''): string {
  const sizeOf: (codePoint: string) => number = SIZES[unit];
  const markSize = Array.from(mark, sizeOf).reduce((sum, size) => sum + size, 0);
  const shown = markSize < most ? mark : '';
  const room = most - (shown === '' ? 0 : markSize);
  let [size, end, endOfKept] = [0, 0, 0];
  for (const codePoint of text) {
    size += sizeOf(codePoint);
    if (size > most) return `${text.slice(0, endOfKept)}${shown}`;
    end += codePoint.length;
    if (size <= room) endOfKept = end;
  }
  return text;
}

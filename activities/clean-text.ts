import { cutText } from '../events/cut-text';

const LONGEST_LINE = 200;
/** Control characters other than tab and line feed, and those that turn the direction of the text after them. */
// oxlint-disable-next-line no-control-regex -- the pattern is for control characters
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** The text with line feeds as the only ends of lines, without characters that are not shown or that turn others around. */
export const cleanText = (text: string): string => text.replace(/\r\n?|[\u2028\u2029]/g, '\n').replace(HARMFUL, '');

/** One line of at most 200 characters, for a header. */
export function cleanLine(text: string): string {
  const cleaned = cleanText(cutText(text, 10 * LONGEST_LINE, 'characters'));
  return cutText(cleaned.replace(/\s+/g, ' ').trim(), LONGEST_LINE, 'characters', '…');
}

/** The same value with every text in it cleaned, so that no template has to think of it. */
export function cleanTexts<T>(value: T): T {
  return clean(value) as T; // texts stay texts, every other value is unchanged
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, clean(part)]));
}

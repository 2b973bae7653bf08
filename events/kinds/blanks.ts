/**
 * Characters that are not visible at the ends of a text: white space, controls, zero-width characters, direction marks, soft hyphens, fillers, the
 * byte order mark. Variation selectors and tags are none: they belong to the emoji before them. All are single UTF-16 units.
 */
const BLANK =
  // oxlint-disable-next-line no-control-regex -- the pattern is for control characters
  /[\s\0-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb]/;
/** After a vowel killer, as in Malayalam, they decide how the letter before them is written. */
const JOINER = /[\u200c\u200d]/;
const MARK = /\p{M}/u;

/** Further characters that are not visible without one before them: joiners and inherent vowels, variation selectors, tags. */
const ALL_HIDDEN =
  // oxlint-disable-next-line no-misleading-character-class -- each of them is meant by itself
  /^(?:[\u034f\u17b4\u17b5\ufe00-\ufe0f\u{e0000}-\u{e007f}]|\s|[\u200b-\u200f\u2060-\u206f\ufeff])+$/u;

/** The text without blanks at its ends, in linear time. */
export function trimBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && isBlankAt(text, end - 1)) end--;
  let start = 0;
  while (start < end && BLANK.test(text.charAt(start))) start++;
  const rest = text.slice(start, end);
  return ALL_HIDDEN.test(rest) ? '' : rest;
}

/** True where nothing of the text can be seen. */
export const isBlank = (text: string): boolean => trimBlanks(text) === '';

function isBlankAt(text: string, index: number): boolean {
  const character = text.charAt(index);
  return BLANK.test(character) && !(JOINER.test(character) && MARK.test(text.charAt(index - 1)));
}

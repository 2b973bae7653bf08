import { endOfString } from '../protocol/read-json';
import { MAX_DEPTH, MAX_VALUES } from './check-bounds';

/** The levels that a request may have around an event: `[{ type, id, data }]`. */
const AROUND = { values: 16, depth: 2 };
/**
 * A number of so many characters may be a byte of a file. `checkBounds` does not count those, yet each takes some time: so many of them count
 * as one value. A file of more than 1.6 MB comes in base64.
 */
const BYTE_LENGTH = 4;
const BYTES_OF_VALUE = 8;

/**
 * Looks for the limits of `checkBounds` in JSON text, before it is parsed: megabytes of `{},` take JSON.parse seconds. It takes linear time
 * and no memory. A text that passes may be no JSON.
 *
 * @returns why the text is too large to be parsed, or undefined
 */
export function checkText(text: string, maxValues: number = MAX_VALUES): string | undefined {
  const { values, depth } = measureText(text, maxValues + AROUND.values);
  if (values > maxValues + AROUND.values) return `has more than ${maxValues} values`;
  if (depth > MAX_DEPTH + AROUND.depth) return `is nested deeper than ${MAX_DEPTH} levels`;
  return undefined;
}

/** Values and depth of JSON text, as far as the first place that has more of them. */
export function measureText(text: string, maxValues: number): { readonly values: number; readonly depth: number } {
  let [values, depth, isField] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        values++;
        at = endOfString(text, at) - 1;
        break;
      case ':':
        values--; // the string before it was a key
        isField = true;
        break;
      case '[':
      case '{':
        values++;
        depth++;
        isField = false;
        break;
      case ']':
      case '}':
        depth--;
        break;
      case ',':
      case ' ':
      case '\n':
      case '\r':
      case '\t':
        break;
      default: {
        const from = at;
        while (at + 1 < text.length && ENDS_SCALAR[text.charCodeAt(at + 1)] !== 1) at++;
        const isByte = !isField && at - from < BYTE_LENGTH && isNumber(text.charAt(from));
        values += isByte ? 1 / BYTES_OF_VALUE : 1;
        isField = false;
      }
    }
    if (values > maxValues || depth > MAX_DEPTH + AROUND.depth) break;
  }
  return { values, depth };
}

/** 1 at the code of each character that ends a number, `true`, `false` or `null`. */
const ENDS_SCALAR = new Uint8Array(128);
for (const code of Buffer.from(',:[]{}" \n\r\t')) ENDS_SCALAR[code] = 1;

const isNumber = (first: string): boolean => (first >= '0' && first <= '9') || first === '-';

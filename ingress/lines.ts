import { measureText } from '../events/check-text';
import { MAX_EVENTS, MAX_REQUEST_VALUES } from './accept-batch';
import { RequestRefused } from './problem';

/**
 * Lines that are not blank, and at most one more than a request may have. A byte order mark, which .NET writes, is a blank.
 *
 * @throws RequestRefused where they have too many values in all
 */
export function linesOf(text: string): readonly string[] {
  const lines: string[] = [];
  let values = 0;
  for (const [line] of text.matchAll(/\S[^\n]*/g)) {
    lines.push(line);
    values += measureText(line, MAX_REQUEST_VALUES).values;
    if (values > MAX_REQUEST_VALUES) {
      const message = `Nothing was published: the body has more than ${MAX_REQUEST_VALUES} values. Send less at once.`;
      throw new RequestRefused('RequestTooLarge', message);
    }
    if (lines.length > MAX_EVENTS) break;
  }
  return lines;
}

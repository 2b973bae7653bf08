import { parseWireText } from '../events/parse-wire-text';
import { RequestRefused } from './problem';

/**
 * The JSON of a body.
 *
 * @throws RequestRefused
 */
export function parseBody(text: string): unknown {
  try {
    return parseWireText(text);
  } catch (error) {
    const { message } = error as Error; // a WireTextError
    throw new RequestRefused('InvalidRequest', `Nothing was published: the body ${message}. Correct it.`);
  }
}

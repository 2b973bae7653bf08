import { parseWireText, WireTextError } from '../events/parse-wire-text';
import { RequestRefused } from './problem';

/**
 * The JSON of a body.
 *
 * @param maxValues as `parseWireText`
 * @throws RequestRefused
 */
export function parseBody(text: string, maxValues?: number): unknown {
  try {
    return parseWireText(text, maxValues);
  } catch (error) {
    const { message } = error as Error; // it throws nothing else
    const [name, advice] =
      error instanceof WireTextError
        ? (['InvalidRequest', 'Correct it.'] as const)
        : (['RequestTooLarge', 'Send less at once.'] as const);
    throw new RequestRefused(name, `Nothing was published: the body ${message}. ${advice}`);
  }
}

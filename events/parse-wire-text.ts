import { parse as parseLossless } from 'lossless-json';
import { readJson } from '../protocol/read-json';
import { checkText } from './check-text';

/** Above this the exact place of a mistake is not worth the time. */
const MAX_LENGTH_TO_LOCATE = 1_000_000;

/** Thrown when a text is not JSON. It names the position, never the text there. */
export class WireTextError extends SyntaxError {
  override readonly name = 'WireTextError';
  /** Index of the first wrong character, where it could be found. */
  readonly position: number | undefined;

  constructor(position: number | undefined) {
    super(position === undefined ? 'is not valid JSON' : `is not valid JSON: mistake at position ${position}`);
    this.position = position;
  }
}

/** Thrown when a text has more values than are read, or is nested deeper. */
export class WireTextTooLarge extends Error {
  override readonly name = 'WireTextTooLarge';
}

/**
 * Parses the JSON text of an event, as `readJson` does. Of a repeated key the last value counts; a byte order mark is left out.
 *
 * @param maxValues of a text with several events; default: those of one event
 * @throws {WireTextError} when the text is not JSON
 * @throws {WireTextTooLarge} before it is parsed
 */
export function parseWireText(text: string, maxValues?: number): unknown {
  const problem = checkText(text, maxValues);
  if (problem !== undefined) throw new WireTextTooLarge(problem);
  try {
    return readJson(withoutMark(text));
  } catch {
    throw new WireTextError(positionOfMistake(text));
  }
}

/** .NET writes a byte order mark before the text of a file. */
const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);

function positionOfMistake(text: string): number | undefined {
  if (text.length > MAX_LENGTH_TO_LOCATE) return undefined;
  try {
    parseLossless(withoutMark(text), null, { onDuplicateKey: ({ newValue }) => newValue });
  } catch (error) {
    const position = error instanceof SyntaxError ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
    return position === undefined ? undefined : Number(position);
  }
  return undefined;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of a day: the arguments of a chat server's publish. */
export interface DayLine {
  readonly type: string;
  readonly id?: string;
  readonly receivedAt?: string;
  /** The event's data as the chat server printed it: never parsed here, so that long ids stay whole. */
  readonly data: string;
}

/** The events of three sites on the day of the demo. */
export const dayFile = join(__dirname, 'demo', 'day.ndjson');

/**
 * Reads a file of events, one per line: `{"type":...,"id"?:...,"receivedAt"?:...,"data":...}`, in this order and without
 * blanks before data. Data may be anything, or cut off: judging it is the publisher's part.
 *
 * @throws when a line does not begin like that
 */
export function readDay(file: string = dayFile): DayLine[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map(readLine);
}

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
const HEAD = new RegExp(`^\\{"type":(${STRING})(?:,"id":(${STRING}))?(?:,"receivedAt":(${STRING}))?,"data":`);

function readLine(line: string, index: number): DayLine {
  const head = HEAD.exec(line);
  if (head === null) throw new Error(`Line ${index + 1} of the day does not begin with {"type":...,"data":`);
  const [type, id, receivedAt] = head.slice(1).map((text) => text && String(JSON.parse(text)));
  return {
    type: type ?? '',
    ...(id !== undefined && { id }),
    ...(receivedAt !== undefined && { receivedAt }),
    data: line.slice(head[0].length).replace(/\}$/, ''),
  };
}

import type { Readable } from 'node:stream';
import {
  EventTooLarge,
  IdConflict,
  InvalidEvent,
  type EventType,
  type Publisher,
  type PublishEventOptions,
  type WireData,
} from '../client';
import { readEnvelope } from '../ingress/read-envelope';

/** At once: enough that events go together in batches, and few enough that the publisher has room for all of them. */
const MOST_IN_FLIGHT = 1_000;
const MOST_BYTES_IN_FLIGHT = 32 * 1024 * 1024;
const PROGRESS_EVERY_MS = 5_000;

export interface LinesOptions {
  /** Each line is the data of such an event. Absent: each line is `{ type, id?, siteId?, receivedAt?, data }`. */
  readonly type?: EventType | undefined;
  /** Told of each line that was accepted or refused. */
  readonly onLine: (outcome: object) => void;
  /** Told of each refused line, of the progress every few seconds, and of the end. */
  readonly say: (text: string) => void;
}

export interface LinesOutcome {
  readonly published: number;
  /** Lines whose event can never be published as it is. */
  readonly refused: number;
  /** Why it went no further; undefined when every line was taken. */
  readonly failure: unknown;
}

/**
 * Publishes the event of each line (NDJSON), a bounded number of them at once. A line that is refused is named, and the others go on; any
 * other failure, such as no cluster that answers, ends it when the lines in flight have ended.
 */
export async function publishLines(
  publisher: Publisher,
  input: Readable,
  { type, onLine, say }: LinesOptions,
): Promise<LinesOutcome> {
  const inFlight = { lines: 0, bytes: 0 };
  const counts = { line: 0, published: 0, duplicates: 0, refused: 0 };
  let failure: unknown;
  let onEnd = (): void => {};

  const publishLine = async (line: number, text: string, bytes: number): Promise<void> => {
    try {
      const receipt = await publishOne(publisher, text, type);
      counts.published++;
      if (receipt.duplicate) counts.duplicates++;
      onLine({ line, ...receipt });
    } catch (error) {
      const isRefused = error instanceof InvalidEvent || error instanceof EventTooLarge || error instanceof IdConflict;
      if (isRefused) counts.refused++;
      else failure ??= error;
      const { name, message } = error as Error; // `publish` throws nothing else
      onLine({ line, error: name, message, ...(error instanceof InvalidEvent && { problems: error.problems }) });
      say(`Line ${line}: ${message}`);
    } finally {
      inFlight.lines--;
      inFlight.bytes -= bytes;
      onEnd();
    }
  };
  const isFull = (bytes: number): boolean =>
    inFlight.lines >= MOST_IN_FLIGHT || (inFlight.lines > 0 && inFlight.bytes + bytes > MOST_BYTES_IN_FLIGHT);
  const oneEnds = (): Promise<void> => new Promise((resolve) => (onEnd = resolve));

  const progress = setInterval(() => say(summary(counts)), PROGRESS_EVERY_MS);
  try {
    for await (const text of linesOf(input)) {
      const line = ++counts.line;
      const json = line === 1 ? text.replace(/^\uFEFF/, '') : text; // .NET writes a byte order mark
      if (json.trim() === '') continue;
      const bytes = Buffer.byteLength(json);
      while (failure === undefined && isFull(bytes)) await oneEnds();
      if (failure !== undefined) {
        say(`Line ${line} and those after it were not taken.`);
        break;
      }
      inFlight.lines++;
      inFlight.bytes += bytes;
      void publishLine(line, json, bytes);
    }
    while (inFlight.lines > 0) await oneEnds();
  } finally {
    clearInterval(progress);
  }
  say(summary(counts));
  return { published: counts.published, refused: counts.refused, failure };
}

/**
 * Lines end with a line feed only: readline of newer versions of Node ends them at U+2028, too, which JSON may have inside a string. Left early,
 * it destroys the input, so that a program that still writes there does not keep the process.
 */
async function* linesOf(input: Readable): AsyncGenerator<string> {
  input.setEncoding('utf8');
  let begun: string[] = [];
  for await (const chunk of input as AsyncIterable<string>) {
    const [first = '', ...others] = chunk.split('\n');
    begun.push(first);
    for (const next of others) {
      yield begun.join('');
      begun = [next];
    }
  }
  yield begun.join('');
}

async function publishOne(publisher: Publisher, text: string, type: EventType | undefined) {
  if (type !== undefined) return await publisher.publish(type, text);
  const { type: itsType, data, ...options } = readEnvelope(text);
  // The publisher checks type, data and the values of the options.
  return await publisher.publish(itsType as EventType, data as WireData[EventType], options as PublishEventOptions);
}

function summary(counts: { published: number; duplicates: number; refused: number }): string {
  const { published, duplicates, refused } = counts;
  const again = duplicates === 0 ? '' : ` (${duplicates} of them again)`;
  return `${published} published${again}, ${refused} refused.`;
}

import type { EventType } from '../events/catalogue';
import { readEvent } from '../events/read-event';
import { EventTooLarge, IdConflict, InvalidEvent, type Publisher, type Receipt } from '../client';
import type { Publication } from './account';
import { NotAccepted } from './publish-by-http';
import type { DayLine } from './read-day';

/** Events on their way at once: enough to keep a small machine busy, as a chat server would. */
const IN_FLIGHT = 50;

type PublishLine = (line: DayLine) => Promise<Receipt>;

/** By a publisher in this process. */
export const publishBy =
  (publisher: Publisher): PublishLine =>
  ({ type, data, ...envelope }) =>
    publisher.publish(type as EventType, data, envelope); // the day has types that do not exist: publish has to refuse those

/**
 * Publishes every line, many at once, each as the raw text that stands in the file.
 *
 * @returns the outcome of each line, in order; an error of publish is an outcome, not a reason to stop
 */
export async function publishDay(
  publish: PublishLine,
  lines: readonly DayLine[],
  onAnswer: (publication: Publication) => void,
): Promise<Publication[]> {
  const publications: Publication[] = [];
  const rest = lines.entries();
  const lane = async (): Promise<void> => {
    for (const [i, line] of rest) onAnswer((publications[i] = await publishLine(publish, line)));
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return publications;
}

async function publishLine(publish: PublishLine, line: DayLine): Promise<Publication> {
  const { type, data, ...envelope } = line;
  const before = new Date().toISOString();
  try {
    const { id, key, acceptedBy } = await publish(line);
    const read = readEvent({ type, ...envelope, id, data }, { id, receivedAt: before });
    if (!read.ok) return { outcome: 'failed', type, reason: 'publish accepted an event that the catalogue refuses' };
    return { outcome: 'accepted', key, acceptedBy, event: read.event };
  } catch (error) {
    return { outcome: isRefusal(error) ? 'refused' : 'failed', type, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof InvalidEvent) return error.problems.map(({ path, problem }) => `${path} ${problem}`).join('; ');
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Errors of publish that are an answer; all others leave open whether the event was accepted. */
const isRefusal = (error: unknown): boolean =>
  error instanceof NotAccepted
    ? error.isFinal
    : [InvalidEvent, EventTooLarge, IdConflict].some((refusal) => error instanceof refusal);

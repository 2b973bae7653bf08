import type { EventType } from '../events/catalogue';
import { readEvent } from '../events/read-event';
import { EventTooLarge, IdConflict, InvalidEvent, type Publisher } from '../client';
import type { Publication } from './account';
import type { DayLine } from './read-day';

/** Events on their way at once: enough to keep a small machine busy, as a chat server would. */
const IN_FLIGHT = 50;

/**
 * Publishes every line, many at once, each as the raw text that stands in the file.
 *
 * @returns what became of each line, in order; an error of publish is an outcome, not a reason to stop
 */
export async function publishDay(
  publisher: Publisher,
  lines: readonly DayLine[],
  onAnswer: (publication: Publication) => void,
): Promise<Publication[]> {
  const publications: Publication[] = [];
  const rest = lines.entries();
  const lane = async (): Promise<void> => {
    for (const [i, line] of rest) onAnswer((publications[i] = await publishLine(publisher, line)));
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return publications;
}

async function publishLine(publisher: Publisher, { type, data, ...envelope }: DayLine): Promise<Publication> {
  const before = new Date().toISOString();
  try {
    // A cast because the day has types that do not exist: publish has to refuse those.
    const { id, key, acceptedBy } = await publisher.publish(type as EventType, data, envelope);
    const read = readEvent({ type, ...envelope, id, data }, { id, receivedAt: before });
    if (!read.ok) return { outcome: 'failed', type, reason: 'publish accepted what the catalogue refuses' };
    return { outcome: 'accepted', key, acceptedBy, event: read.event };
  } catch (error) {
    return { outcome: isRefusal(error) ? 'refused' : 'failed', type, reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof InvalidEvent) return error.problems.map(({ path, problem }) => `${path} ${problem}`).join('; ');
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Errors of publish that are an answer; all others leave open what became of the event. */
const isRefusal = (error: unknown): boolean =>
  [InvalidEvent, EventTooLarge, IdConflict].some((refusal) => error instanceof refusal);

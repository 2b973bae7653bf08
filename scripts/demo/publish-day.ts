import type { EventType } from '../../events/catalogue';
import { parseWireText } from '../../events/parse-wire-text';
import { readEvent } from '../../events/read-event';
import type { Publisher } from '../../client/create-publisher';
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
    const { id, key } = await publisher.publish(type as EventType, data, envelope);
    const input = { type, ...envelope, id, data: parseWireText(data) };
    const read = readEvent(input, { id, receivedAt: before });
    if (!read.ok) return { outcome: 'failed', type, reason: 'publish accepted what the catalogue refuses' };
    return { outcome: 'accepted', key, event: read.event };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { outcome: REFUSALS.includes(name) ? 'refused' : 'failed', type, reason: `${name}: ${message}` };
  }
}

/** Errors of publish that are an answer; all others leave open what became of the event. */
const REFUSALS = ['InvalidEvent', 'IdConflict'];

import { singleQueueEvent } from '../bench/single-queue';
import type { DayLine } from '../read-day';
import { makeLines } from '../faults/make-lines';

/** Each has an account at every destination. */
export const SITES = ['10001', '10002', '10003'] as const;

/** Of ten events so many are chats or offline messages, for up to six destinations; the others are stored only. */
const FAR_OF_TEN = 3;

/**
 * What the chat servers of a drill publish, the same for the same seed.
 *
 * @param padBytes how much longer a transcript is
 */
export function makeEvents(seed: number, count: number, padBytes = 0): DayLine[] {
  const far = makeLines(seed, count, SITES).map((line) => pad(line, padBytes));
  return Array.from({ length: count }, (_, n) => {
    const isFar = n % 10 < FAR_OF_TEN;
    const line = far[Math.floor(n / 10) * FAR_OF_TEN + (n % 10)];
    if (isFar && line !== undefined) return line;
    const { type, data } = singleQueueEvent(n, Number(SITES[n % SITES.length]));
    return { type, id: `${seed}-single-${n}`, data: JSON.stringify(data) };
  });
}

function pad(line: DayLine, bytes: number): DayLine {
  if (bytes === 0 || line.type !== 'Chat.Ended') return line;
  const { Chat, ...rest } = JSON.parse(line.data) as { Chat: { content: string } }; // as makeLines wrote it
  return {
    ...line,
    data: JSON.stringify({ Chat: { ...Chat, content: Chat.content + ' x'.repeat(bytes / 2) }, ...rest }),
  };
}

import { setTimeout as pause } from 'node:timers/promises';
import { readEvent } from '../../events/read-event';
import type { Publication } from '../account';
import { atRate } from '../at-rate';
import type { DayLine } from '../read-day';
import type { PublisherProcess } from './open-publisher';

/** An event that a chat server had to publish, and its result. */
export interface Published {
  readonly publication: Publication;
  /** When publish was first called (ms since 1970), and the time of that call; undefined: it was killed before it answered. */
  readonly at: number;
  readonly tookMs: number | undefined;
  /** When it was accepted (ms since 1970), and by whom; undefined: never. */
  readonly accepted: { readonly at: number; readonly by: string } | undefined;
  /** Names of the errors of publish, each as often as it was thrown. */
  readonly refusals: readonly string[];
}

export interface LoadOptions {
  readonly publisher: PublisherProcess;
  readonly lines: readonly DayLine[];
  /** Events per second. */
  readonly rate: number;
  /** Whether the chat server drops the nth event when publish refuses it, instead of publishing it again. */
  readonly givesUp: (n: number) => boolean;
  readonly onAnswer: (published: Published) => void;
  /** Until when (ms since 1970) a refused event is published again. */
  readonly until: () => number;
}

const AGAIN_AFTER_MS = 1_000;

/**
 * Publishes at an even rate, independent of the answers; an event that was refused, or had no answer as the process was killed, again under
 * its id, as a chat server should.
 */
export async function publishSteadily(options: LoadOptions): Promise<Published[]> {
  const { lines, rate, onAnswer } = options;
  return await atRate(rate, lines.entries(), async ([n, line]) => {
    const published = await publishOne(options, n, line);
    onAnswer(published);
    return published;
  });
}

async function publishOne({ publisher, givesUp, until }: LoadOptions, n: number, line: DayLine): Promise<Published> {
  const { type } = line;
  const stopped = {
    publication: { outcome: 'failed', type, reason: 'the publisher has ended' },
    accepted: undefined,
  } as const;
  if (!(await publisher.up())) return { at: Date.now(), tookMs: undefined, refusals: [], ...stopped };
  const at = Date.now();
  let first: { readonly tookMs: number | undefined } | undefined;
  const refusals: string[] = [];
  for (;;) {
    const answer = await publisher.publish(line);
    first ??= { tookMs: answer?.tookMs };
    const known = { at, tookMs: first.tookMs, refusals };
    if (answer?.receipt !== undefined) {
      const { id, key, acceptedBy } = answer.receipt;
      const { type, data, ...envelope } = line;
      const read = readEvent({ type, ...envelope, id, data }, { id, receivedAt: new Date(at).toISOString() });
      if (!read.ok) throw new Error(`publish accepted an event that the catalogue refuses: ${key}`);
      const publication = { outcome: 'accepted', key, acceptedBy, event: read.event } as const;
      return { ...known, publication, accepted: { at: Date.now(), by: acceptedBy } };
    }
    if (answer === undefined) {
      if (!(await publisher.up())) return { ...known, ...stopped };
    } else {
      const { name, message, isFinal } = answer.refusal ?? { name: '', message: '', isFinal: true };
      refusals.push(name);
      const failed = { type: line.type, reason: message };
      if (isFinal || givesUp(n)) {
        return { ...known, accepted: undefined, publication: { outcome: 'refused', ...failed } };
      }
      if (Date.now() > until()) return { ...known, accepted: undefined, publication: { outcome: 'failed', ...failed } };
      await pause(AGAIN_AFTER_MS);
    }
  }
}

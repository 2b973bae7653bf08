import { setImmediate as turn } from 'node:timers/promises';
import type { Receipt } from '../client';
import { RequestRefused, problemTypes, toProblem, type Problem } from './problem';
import type { Answer } from './route';

/** Events of one request, so that the answer has an end. */
export const MAX_EVENTS = 1_000;
/** Of all its events: they are in memory at once. */
export const MAX_REQUEST_VALUES = 1_000_000;
/** How long this process reads events before it looks at its other requests, in milliseconds. */
const TURN_MS = 10;

/** Of one event, in the order of the request. */
type Result = ({ readonly status: 202 } & Receipt) | Problem;

/** The most severe of these is the status of the whole: one that can be tried again goes before one that cannot. */
const SEVERITY = [500, 503, 429] as const;

/**
 * Publishes each event of a request on its own: one that is refused holds up no other.
 *
 * @param publish reads one of them, checks it, and publishes it
 * @returns 202 if every one is accepted
 */
export async function acceptBatch<T>(
  items: readonly T[],
  publish: (item: T) => Promise<Receipt>,
): Promise<Answer | Problem> {
  if (items.length === 0)
    throw new RequestRefused('InvalidRequest', 'Nothing was published: the request has no event.');
  if (items.length > MAX_EVENTS) {
    const message = `Nothing was published: there are more than ${MAX_EVENTS} events. Send them in several requests.`;
    throw new RequestRefused('RequestTooLarge', message);
  }
  const publishing: Promise<Result>[] = [];
  let until = performance.now() + TURN_MS;
  for (const item of items) {
    publishing.push(publish(item).then((receipt): Result => ({ status: 202, ...receipt }), toProblem));
    if (performance.now() < until) continue;
    await turn();
    until = performance.now() + TURN_MS;
  }
  const results = await Promise.all(publishing);
  const refused = results.filter(({ status }) => status !== 202).length;
  const counts = { accepted: results.length - refused, refused, results };
  if (refused === 0) return { status: 202, body: counts };
  const status =
    SEVERITY.find((one) => results.some((result) => result.status === one)) ?? problemTypes.SomeRefused.status;
  const detail = `${refused} of ${results.length} events were not published: results has why, in the order of the request. Those that were are not published twice when you send all of them again.`;
  const { title } = problemTypes.SomeRefused;
  return { type: 'urn:chat-events:SomeRefused', title, status, detail, ...counts };
}

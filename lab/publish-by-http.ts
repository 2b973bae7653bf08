import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Receipt } from '../client';
import type { Problem } from '../ingress/problem';
import type { DayLine } from './read-day';

/** A sidecar as a chat server knows it. */
export interface SidecarAddress {
  readonly url: string;
  readonly token: string;
}

/** Thrown when the sidecar does not accept the event. */
export class NotAccepted extends Error {
  /** The last part of the problem's type, such as `JournalFull`. */
  override readonly name: string;
  /** Sent again as it is, it would not be accepted either. */
  readonly isFinal: boolean;

  constructor({ type, status, detail }: Problem) {
    super(detail);
    this.name = type.split(':').at(-1) ?? type;
    this.isFinal = status < 500 && !MAY_CHANGE.includes(status);
  }
}

/** Statuses below 500 after which a caller tries again. */
const MAY_CHANGE = [408, 429];

const AGAIN_AFTER_MS = 1_000;
/** A sidecar whose disk hangs answers after 10 s. */
const ANSWER_MS = 30_000;

/**
 * Publishes a line through a sidecar, as a chat server in any language does: with an id of its own where the event has none, and again
 * under the same id where that may help.
 *
 * @param forMs how long it is tried again; default: it is not
 * @throws NotAccepted, or the error of fetch where no answer came
 */
export async function publishByHttp({ url, token }: SidecarAddress, line: DayLine, forMs = 0): Promise<Receipt> {
  const { type, id = type === 'Chat.Ended' ? undefined : randomUUID(), receivedAt, data } = line;
  const head = JSON.stringify({ type, id, receivedAt }).replace(/\}$/, '');
  for (const end = performance.now() + forMs; ; await pause(AGAIN_AFTER_MS)) {
    try {
      const response = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: `${head},"data":${data}}`, // the raw text, so that long ids stay whole
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const body: unknown = await response.json();
      if (response.status === 202) return body as Receipt; // the sidecar's answer of this status
      throw new NotAccepted(body as Problem); // its answer of every other status
    } catch (error) {
      // An error of the connection, or no answer in time, may not be there the next time.
      const isFinal = error instanceof NotAccepted && error.isFinal;
      if (isFinal || performance.now() > end) throw error;
    }
  }
}

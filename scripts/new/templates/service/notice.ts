import type { ConsumerAbout, Documented, ExternalConsumer } from '../../../../activities/consumer';
import { DeliveryFailure, type FailureType } from '../../../../activities/failures';
import { callHttp } from '../../../../activities/http/call';
import { createGuardedAgent, type GuardOptions } from '../../../../activities/http/guard';
import { readRetryAfter } from '../../../../activities/http/retry-after';

/** The failure that each answer becomes; every other 4xx is `Rejected`, every other status `Unavailable`. */
const byStatus: Readonly<Record<number, FailureType>> = {
  401: 'InvalidConfig',
  403: 'InvalidConfig',
  408: 'Unavailable',
  425: 'Unavailable',
  429: 'RateLimited',
};

interface Options extends GuardOptions {
  /** NOTICE_URL. */
  readonly url?: string | undefined;
  /** NOTICE_TOKEN. */
  readonly token?: string | undefined;
  /** Default 15,000. */
  readonly requestTimeoutMs?: number;
}

/** Tells a service of ours that something has happened: one POST, with the delivery id as idempotency key. */
export function createNotice({
  url,
  token,
  requestTimeoutMs = 15_000,
  ...guard
}: Options): ExternalConsumer & Documented {
  const agent = createGuardedAgent(guard);
  return {
    kind: 'external',
    about,
    requestTimeoutMs,
    async send({ deliveryId, event, signal }) {
      if (url === undefined || token === undefined)
        throw new DeliveryFailure('InvalidConfig', 'Set NOTICE_URL and NOTICE_TOKEN, then send it again.');
      const answer = await callHttp(agent, 'The notice service', {
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          'idempotency-key': deliveryId,
        },
        body: JSON.stringify({ type: event.type, siteId: event.siteId, id: event.id }),
        signal,
      });
      if (answer.status >= 200 && answer.status < 300) return { status: answer.status };
      throw refusal(answer);
    },
    close: () => agent.destroy(),
  };
}

function refusal({ status, headers }: { status: number; headers: Readonly<Record<string, string>> }): DeliveryFailure {
  const type = byStatus[status] ?? (status >= 400 && status < 500 ? 'Rejected' : 'Unavailable');
  return new DeliveryFailure(type, `The notice service answers ${status}.`, {
    details: { status },
    retryAfterMs: readRetryAfter(headers),
  });
}

const about: ConsumerAbout = {
  what: 'Tells a service of ours that something has happened.',
  idempotency: 'The delivery id is in the header `idempotency-key`: the same on every try.',
  failures: [
    ...Object.entries(byStatus).map(([status, type]) => [status, `\`${type}\``] as const),
    ['any other 4xx', '`Rejected`'],
    ['any other but 2xx; no connection, no whole answer', '`Unavailable`'],
  ],
};

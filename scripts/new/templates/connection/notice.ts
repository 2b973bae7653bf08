import { z } from 'zod';
import {
  externalConsumer,
  type Account,
  type ConsumerAbout,
  type Documented,
  type ExternalConsumer,
} from '../../../../activities/consumer';
import { DeliveryFailure, type FailureType } from '../../../../activities/failures';
import { callHttp, type HttpRequest } from '../../../../activities/http/call';
import { createGuardedAgent, type GuardOptions } from '../../../../activities/http/guard';
import { readRetryAfter } from '../../../../activities/http/retry-after';

const configSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'expected an https address' })
    .max(2_000)
    .describe('Address that takes the POST, by https on port 443 or 8443'),
});

const secretsSchema = z.strictObject({
  token: z
    .string()
    .regex(/^[\x21-\x7e]{1,1000}$/, 'expected up to 1,000 visible ASCII characters')
    .describe('Sent as `authorization: Bearer`'),
});

type NoticeAccount = Account<z.output<typeof configSchema>, z.output<typeof secretsSchema>>;

/** The failure that each answer becomes; every other 4xx is `Rejected`, every other status `Unavailable`. */
const byStatus: Readonly<Record<number, FailureType>> = {
  401: 'ConnectionBroken',
  403: 'ConnectionBroken',
  408: 'Unavailable',
  425: 'Unavailable',
  429: 'RateLimited',
};

interface Options extends GuardOptions {
  /** Default 15,000. */
  readonly requestTimeoutMs?: number;
}

/** Tells a site's own service that something has happened: one POST, with the delivery id as idempotency key. */
export function createNotice({
  requestTimeoutMs = 15_000,
  ...guard
}: Options): Required<ExternalConsumer> & Documented {
  const agent = createGuardedAgent(guard);
  const call = async (
    { config, secrets }: NoticeAccount,
    { headers, ...request }: Omit<HttpRequest, 'url'>,
  ): Promise<number> => {
    const answer = await callHttp(agent, 'The notice service', {
      ...request,
      url: config.url,
      headers: { ...headers, authorization: `Bearer ${secrets.token}` },
    });
    if (answer.status >= 200 && answer.status < 300) return answer.status;
    throw refusal(answer);
  };
  const consumer = externalConsumer({
    requestTimeoutMs,
    connection: {
      config: configSchema,
      secrets: secretsSchema,
      judge: ({ url }) => agent.judge(url, 'The notice service'),
      async check(account, signal) {
        await call(account, { method: 'GET', headers: {}, signal });
        return `${new URL(account.config.url).host} takes the token`;
      },
    },
    async send({ account, deliveryId, event, signal }) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': deliveryId };
      const body = JSON.stringify({ type: event.type, siteId: event.siteId, id: event.id });
      return { status: await call(account, { method: 'POST', headers, body, signal }) };
    },
  });
  return { ...consumer, about, close: () => agent.destroy() };
}

function refusal({ status, headers }: { status: number; headers: Readonly<Record<string, string>> }): DeliveryFailure {
  const type = byStatus[status] ?? (status >= 400 && status < 500 ? 'Rejected' : 'Unavailable');
  return new DeliveryFailure(type, `The notice service answers ${status}.`, {
    details: { status },
    retryAfterMs: readRetryAfter(headers),
  });
}

const about: ConsumerAbout = {
  what: "Tells a site's own service that something has happened.",
  idempotency: 'The delivery id is in the header `idempotency-key`: the same on every try.',
  failures: [
    ...Object.entries(byStatus).map(([status, type]) => [status, `\`${type}\``] as const),
    ['any other 4xx', '`Rejected`'],
    ['any other but 2xx; no connection, no whole answer', '`Unavailable`'],
  ],
};

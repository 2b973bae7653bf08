import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  externalConsumer,
  type Account,
  type ConsumerAbout,
  type Documented,
  type ExternalConsumer,
} from '../../consumer';
import { DeliveryFailure, type FailureType } from '../../failures';
import { sendHttp } from '../../http/call';
import { createGuardedAgent, type GuardedAgent, type GuardOptions } from '../../http/guard';
import { networkFailure } from '../../http/network-failure';
import { readRetryAfter } from '../../http/retry-after';
import { composeBody, messageId } from './message';
import { isSecret, signedHeaders } from './sign';

const secret = z.string().refine(isSecret, 'expected whsec_ and 24 to 64 bytes as base64');

const configSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'expected an https address' })
    .max(2_000)
    .refine((text) => URL.canParse(text) && new URL(text).username + new URL(text).password === '', {
      error: 'expected no user name and no password in the address; use the signature',
    })
    .describe('Endpoint that takes the POST, by https on port 443 or 8443'),
});

const secretsSchema = z.strictObject({
  secret: secret.describe('Signs every message: `whsec_` and 24 to 64 random bytes as base64'),
  previousSecret: secret.optional().describe('Signs too, while receivers change over to a new one'),
});

type WebhookAccount = Account<z.output<typeof configSchema>, z.output<typeof secretsSchema>>;

interface Options extends GuardOptions {
  /** Default 15,000. */
  readonly requestTimeoutMs?: number;
}

/** POSTs events to a site's endpoint as Standard Webhooks. */
export function createWebhook({
  requestTimeoutMs = 15_000,
  ...guard
}: Options): Required<ExternalConsumer> & Documented {
  const agent = createGuardedAgent(guard);
  const post = (account: WebhookAccount, id: string, body: string, signal: AbortSignal): Promise<number> =>
    postSigned(agent, account, { id, body, signal });
  const postAndSay: (...given: Parameters<typeof post>) => Promise<string> = async (account, ...message) => {
    const started = performance.now();
    const status = await post(account, ...message);
    return `${new URL(account.config.url).host} answers ${status} after ${Math.round(performance.now() - started)} ms`;
  };
  const consumer = externalConsumer({
    requestTimeoutMs,
    connection: {
      config: configSchema,
      secrets: secretsSchema,
      judge: ({ url }) => agent.judge(url, 'The endpoint'),
      async check(account, signal) {
        const body = JSON.stringify({ type: 'webhook.test', timestamp: new Date().toISOString(), data: {} });
        return await postAndSay(account, randomUUID(), body, signal);
      },
      sendTest: (account, { messageId: id, event }, signal) => postAndSay(account, id, composeBody(event), signal),
    },
    async send({ account, key, event, signal }) {
      return { status: await post(account, messageId(key), composeBody(event), signal) };
    },
  });
  return { ...consumer, about, close: () => agent.destroy() };
}

const BODY_WITHIN_MS = 1_000;

interface Message {
  readonly id: string;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** @returns the status, which is a 2xx. @throws DeliveryFailure */
async function postSigned(agent: GuardedAgent, account: WebhookAccount, message: Message): Promise<number> {
  const { id, body, signal } = message;
  const { secret: current, previousSecret } = account.secrets;
  const secrets = previousSecret === undefined ? [current] : [current, previousSecret];
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'chat-events',
    ...signedHeaders(id, new Date(), body, secrets),
  };
  try {
    const answer = await sendHttp(agent, account.config.url, {
      method: 'POST',
      headers,
      body,
      signal,
    });
    // Only the status counts, so the body is not awaited. Reading a short one keeps the connection open for the next request.
    answer.body.dump({ limit: 16_384, signal: AbortSignal.timeout(BODY_WITHIN_MS) }).catch(() => {});
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer.statusCode;
    throw refusal(answer.statusCode, readRetryAfter(answer.headers));
  } catch (error) {
    throw networkFailure(error, 'The endpoint', signal);
  }
}

interface Verdict {
  readonly type: FailureType;
  readonly advice: string;
}

/** The failure for an answer that is no success. */
const byStatus: Readonly<Record<number, Verdict>> = {
  410: { type: 'ConnectionBroken', advice: 'it wants no more; mend or remove the connection' },
  413: { type: 'Rejected', advice: 'the event is too large for it; raise its limit, then send it again' },
  429: { type: 'RateLimited', advice: 'it is asked again later' },
};
const redirect: Verdict = { type: 'Unavailable', advice: 'redirects are not followed; correct the address' };
/** All other statuses are tried again: a receiver that is being deployed may answer anything. */
const other: Verdict = { type: 'Unavailable', advice: 'it is tried again' };

const becomes = ({ type, advice }: Verdict): string => `\`${type}\`: ${advice}`;

const about: ConsumerAbout = {
  what: "POSTs events to a site's endpoint, as signed messages (Standard Webhooks).",
  guide: '[a webhook receiver](webhook-receivers.md)',
  idempotency:
    "`webhook-id` is a UUIDv5 of the event's key: the same on every try, after a redrive, and at every endpoint. When the connection ends before the answer, the message comes again under that id; the receiver drops what it has.",
  failures: [
    ...Object.entries(byStatus).map(([status, verdict]) => [status, becomes(verdict)] as const),
    ['3xx', becomes(redirect)],
    ['any other but 2xx', `${becomes(other)}, not before its \`Retry-After\``],
    ['no connection, no valid certificate, no whole answer', becomes(other)],
    ['none asked: the address is not public, or not https on port 443 or 8443', '`InvalidConfig`: correct the address'],
  ],
};

function refusal(status: number, retryAfterMs: number | undefined): DeliveryFailure {
  const isRedirect = status >= 300 && status < 400;
  const { type, advice } = byStatus[status] ?? (isRedirect ? redirect : other);
  return new DeliveryFailure(type, `The endpoint answers ${status}: ${advice}.`, {
    details: { status },
    retryAfterMs,
  });
}

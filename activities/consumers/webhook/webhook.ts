import { randomUUID } from 'node:crypto';
import { externalConsumer, type ConsumerAbout, type Documented, type ExternalConsumer } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import type { GuardOptions } from '../../http/guard';
import { tokenAnswers } from '../../http/token-refusal';
import { createAccessTokens } from './access-tokens';
import { certificateEnd, configSchema, credentialsOf, secretsSchema, type WebhookAccount } from './account';
import { createAgents } from './agents';
import { composeBody, messageId } from './message';
import { becomes, byStatus, other, postSigned, redirect, type Message } from './post-message';
import { publicKeyOf } from './sign';

interface Options extends GuardOptions {
  /** Default 15,000. */
  readonly requestTimeoutMs?: number;
}

/** POSTs events to a site's endpoint as Standard Webhooks. */
export function createWebhook({
  requestTimeoutMs = 15_000,
  ...guard
}: Options): Required<ExternalConsumer> & Documented {
  const agents = createAgents(guard);
  const tokens = createAccessTokens(agents.plain);

  /** With a token that the endpoint refuses once more with another. */
  async function post(account: WebhookAccount, message: Message, isAlone = false): Promise<number> {
    const { headers, certificate, client } = credentialsOf(account);
    const agent = agents.of(certificate);
    if (client === undefined) return await postSigned(agent, account, message, headers);
    const findToken = isAlone ? tokens.alone(client) : tokens.of(client);
    const postBy = (token: string): Promise<number> =>
      postSigned(agent, account, message, { ...headers, authorization: `Bearer ${token}` });
    const token = await findToken();
    try {
      return await postBy(token);
    } catch (error) {
      if (!(error instanceof DeliveryFailure) || error.details['status'] !== 401) throw error;
      return await postBy(await findToken(token));
    }
  }

  async function postAndSay(account: WebhookAccount, message: Message): Promise<string> {
    const started = performance.now();
    const status = await post(account, message, true);
    const took = Math.round(performance.now() - started);
    return [`${new URL(account.config.url).host} answers ${status} after ${took} ms`, ...describe(account)].join('\n');
  }

  const consumer = externalConsumer({
    requestTimeoutMs,
    connection: {
      config: configSchema,
      secrets: secretsSchema,
      judge({ url, oauth }) {
        agents.plain.judge(url, 'The endpoint');
        if (oauth !== undefined) agents.plain.judge(oauth.tokenUrl, 'The token server');
      },
      async check(account, signal) {
        const body = JSON.stringify({ type: 'webhook.test', timestamp: new Date().toISOString(), data: {} });
        return await postAndSay(account, { id: randomUUID(), body, signal });
      },
      sendTest: (account, { messageId: id, event }, signal) =>
        postAndSay(account, { id, body: composeBody(event), signal }),
      describe,
      endsAt(account) {
        credentialsOf(account);
        return certificateEnd(account.config);
      },
    },
    async send({ account, key, event, signal }) {
      return { status: await post(account, { id: messageId(key), body: composeBody(event), signal }) };
    },
  });
  const close = async (): Promise<void> => {
    await tokens.settled();
    await agents.destroy();
  };
  return { ...consumer, about, close };
}

/** Facts that a receiver needs, for the operator; no secret. */
function describe({ config, secrets }: WebhookAccount): string[] {
  const keys = [secrets.secret, secrets.previousSecret].flatMap((one) => publicKeyOf(one ?? '') ?? []);
  const end = certificateEnd(config);
  return [
    ...keys.map((key) => `Signed by Ed25519; the receiver verifies with ${key}`),
    ...(end === null ? [] : [`The client certificate ends on ${end.toISOString().slice(0, 10)}`]),
  ];
}

const about: ConsumerAbout = {
  what: "POSTs events to a site's endpoint, as signed messages (Standard Webhooks).",
  guide: '[a webhook receiver](webhook-receivers.md)',
  idempotency:
    "`webhook-id` is a UUIDv5 of the event's key: the same on every try, after a redrive, and at every endpoint. When the connection ends before the answer, the message comes again under that id; the receiver drops a message that it has.",
  failures: [
    ...Object.entries(byStatus).map(([status, verdict]) => [status, becomes(verdict)] as const),
    ['3xx', becomes(redirect)],
    ['any other but 2xx', `${becomes(other)}, not before its \`Retry-After\``],
    ['no connection, no valid certificate, no whole answer', becomes(other)],
    ['with `oauth`: 401', 'a new token, once; then as any other'],
    ...tokenAnswers,
    ['none asked: the address is not public, or not https on port 443 or 8443', '`InvalidConfig`: correct the address'],
  ],
};

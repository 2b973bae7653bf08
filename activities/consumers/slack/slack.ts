import { z } from 'zod';
import {
  externalConsumer,
  type Account,
  type ConsumerAbout,
  type Documented,
  type ExternalConsumer,
  type SendRequest,
} from '../../consumer';
import { DeliveryFailure, type FailureType } from '../../failures';
import { callHttp, type HttpAnswer, type HttpRequest } from '../../http/call';
import { createGuardedAgent, type GuardOptions } from '../../http/guard';
import { readRetryAfter } from '../../http/retry-after';
import { composeMessage } from './compose-message';

const configSchema = z.strictObject({});

const secretsSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'expected the address of the incoming webhook' })
    .max(2_000)
    .describe(
      'Address of the incoming webhook, `https://hooks.slack.com/services/...`; it lets its holder post, so it is a secret',
    ),
});

type SlackAccount = Account<z.output<typeof configSchema>, z.output<typeof secretsSchema>>;

/** Slack's word in the body, and the failure that it becomes; a word that is not here is decided by its status. */
const byWord: Readonly<Record<string, FailureType>> = {
  invalid_token: 'ConnectionBroken',
  no_service: 'ConnectionBroken',
  no_service_id: 'ConnectionBroken',
  no_active_hooks: 'ConnectionBroken',
  no_team: 'ConnectionBroken',
  team_disabled: 'ConnectionBroken',
  channel_not_found: 'ConnectionBroken',
  channel_is_archived: 'ConnectionBroken',
  action_prohibited: 'ConnectionBroken',
  posting_to_general_channel_denied: 'ConnectionBroken',
};

const byStatus: Readonly<Record<number, FailureType>> = {
  401: 'ConnectionBroken',
  403: 'ConnectionBroken',
  404: 'ConnectionBroken',
  408: 'Unavailable',
  410: 'ConnectionBroken',
  425: 'Unavailable',
  429: 'RateLimited',
};

const ADVICE: Readonly<Partial<Record<FailureType, string>>> = {
  ConnectionBroken: 'make a new incoming webhook and mend the connection with its address',
  Rejected: 'it does not take this message',
};

/** Posts of one message that may have arrived: a third one is sent only when an operator asks for it. */
const MOST_UNANSWERED = 2;
/** A gateway that had no answer from Slack: the message may be posted. */
const GATEWAY_TIMEOUT = 504;
const isDone = (status: number): boolean => status >= 200 && status < 300;

interface Options extends GuardOptions {
  /** Default 15,000. */
  readonly requestTimeoutMs?: number;
}

/** Posts events into a channel, by a site's incoming webhook. */
export function createSlack({ requestTimeoutMs = 15_000, ...guard }: Options): Required<ExternalConsumer> & Documented {
  const agent = createGuardedAgent(guard);
  const post = (
    { secrets }: SlackAccount,
    message: unknown,
    signal: AbortSignal,
    more: Pick<HttpRequest, 'onSend' | 'isEnough'> = {},
  ): Promise<HttpAnswer> =>
    callHttp(agent, 'Slack', {
      method: 'POST',
      url: secrets.url,
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'chat-events' },
      body: JSON.stringify(message),
      signal,
      timeoutMs: requestTimeoutMs,
      maxBytes: 16_384,
      ...more,
    });
  const consumer = externalConsumer({
    requestTimeoutMs,
    connection: {
      config: configSchema,
      secrets: secretsSchema,
      // One message a second for each webhook: https://docs.slack.dev/apis/web-api/rate-limits
      limits: () => ({ maxInFlight: 1, ratePerSecond: 1 }),
      async check(account, signal) {
        const answer = await post(account, {}, signal); // a message without a text is never shown
        if (answer.status === 400 && MISSING_TEXT.includes(answer.body.trim())) return 'Slack knows the webhook';
        if (answer.status !== 200) throw refusal(answer);
        return 'Slack answers';
      },
      async sendTest(account, { event }, signal) {
        await deliver(account, event, signal);
        return 'the message is in the channel of the webhook';
      },
    },
    send: deliverOnce,
  });

  /** A 2xx decides by its status alone: a message that is posted is not posted again for the sake of a body. */
  async function deliver(
    account: SlackAccount,
    event: Parameters<typeof composeMessage>[0],
    signal: AbortSignal,
    onSend?: () => Promise<void>,
  ) {
    const answer = await post(account, composeMessage(event), signal, {
      isEnough: isDone,
      ...(onSend && { onSend }),
    });
    if (!isDone(answer.status)) throw refusal(answer);
    return { status: answer.status };
  }

  /** Counts posts without an answer: each is on record before it is sent, so that a process that is killed does not forget it. */
  async function deliverOnce(request: SendRequest<SlackAccount['config'], SlackAccount['secrets']>) {
    const { account, event, key, progress, signal } = request;
    const before = Number(progress['unanswered'] ?? 0); // as saved here
    if (before >= MOST_UNANSWERED) throw unconfirmed(key);
    let isSent = false;
    const onSend = async (): Promise<void> => {
      await request.saveProgress({ unanswered: before + 1 });
      isSent = true;
    };
    try {
      return await deliver(account, event, signal, onSend);
    } catch (error) {
      if (!isSent || signal.aborted) throw error;
      if (isAnswered(error)) await request.saveProgress({ unanswered: before });
      else if (before + 1 >= MOST_UNANSWERED) throw unconfirmed(key, error);
      throw error;
    }
  }
  return { ...consumer, about, close: () => agent.destroy() };
}

const isAnswered = (error: unknown): boolean =>
  error instanceof DeliveryFailure &&
  error.details['status'] !== undefined &&
  error.details['status'] !== GATEWAY_TIMEOUT;

function unconfirmed(key: string, cause?: unknown): DeliveryFailure {
  const message =
    'Slack was sent the message twice and did not answer; look for its last line in the channel, then discard the delivery, or redrive it by name.';
  return new DeliveryFailure('Unconfirmed', message, { details: { lastLine: key }, cause });
}

/** How Slack answers a message without a text at an address that it knows. */
const MISSING_TEXT = ['no_text', 'invalid_payload', 'missing_text_or_fallback_or_attachments'];

function refusal({ status, headers, body }: HttpAnswer): DeliveryFailure {
  const word = Object.hasOwn(byWord, body.trim()) ? body.trim() : undefined; // other bodies may hold anything
  const byClass = status >= 400 && status < 500 ? 'Rejected' : 'Unavailable';
  const type = (word === undefined ? undefined : byWord[word]) ?? byStatus[status] ?? byClass;
  const said = word === undefined ? '' : ` ${word}`;
  return new DeliveryFailure(type, `Slack answers ${status}${said}: ${ADVICE[type] ?? 'it is asked again later'}.`, {
    details: { status, ...(word && { code: word }) },
    retryAfterMs: readRetryAfter(headers),
  });
}

const about: ConsumerAbout = {
  what: "Posts events into a Slack channel, by a site's incoming webhook: `Chat.Ended` with its conversation, `OfflineMessage.Submit` with the message, any other event as one line. Texts are plain: Slack shows no markup, no mention and no preview of a visitor's text. A message has at most 8,000 characters.",
  guide: '[a Slack channel](slack-channels.md)',
  idempotency:
    "Slack knows no idempotency key. Without an answer the message is posted once more, and never a third time: the delivery is then `Unconfirmed`. Its last line is the event's key, so that people recognise it. A 2xx decides by its status alone.",
  failures: [
    [
      Object.keys(byWord)
        .map((word) => `\`${word}\``)
        .join(', '),
      '`ConnectionBroken`: make a new webhook',
    ],
    ...Object.entries(byStatus).map(([status, type]) => [status, `\`${type}\``] as const),
    ['any other 4xx', '`Rejected`'],
    ['any other but 2xx; no connection', '`Unavailable`'],
    ['504; the message sent, and no answer, or an end without one', 'sent once more, then `Unconfirmed`'],
  ],
};

import type { AnswerShape } from '../../../http/fake/fill-answer';

const WEBHOOKS = 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks';
const CHANGES = 'https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks';
const LIMITS = 'https://docs.slack.dev/apis/web-api/rate-limits';
const headers = { 'content-type': 'text/html' };

const word = (
  status: number,
  body: string,
  source: string,
  more: Readonly<Record<string, string>> = {},
): AnswerShape => ({
  status,
  headers: { ...headers, ...more },
  body,
  source,
});

/** How Slack answers a POST to an incoming webhook: a word as text. */
export const answers = {
  posted: word(200, 'ok', WEBHOOKS),
  noText: word(400, 'no_text', WEBHOOKS),
  invalidPayload: word(400, 'invalid_payload', CHANGES),
  invalidToken: word(403, 'invalid_token', WEBHOOKS),
  actionProhibited: word(403, 'action_prohibited', CHANGES),
  noService: word(404, 'no_service', WEBHOOKS),
  channelNotFound: word(404, 'channel_not_found', CHANGES),
  channelIsArchived: word(410, 'channel_is_archived', CHANGES),
  rateLimited: word(429, 'rate_limited', LIMITS, { 'retry-after': '30' }),
  rollupError: word(500, 'rollup_error', CHANGES),
} as const satisfies Readonly<Record<string, AnswerShape>>;

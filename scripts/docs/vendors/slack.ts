import type { Assumption } from './assumption';

const WEBHOOKS = 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks';
const CHANGES = 'https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks';

export const slackAssumptions: readonly Assumption[] = [
  {
    fact: 'An incoming webhook takes a POST of JSON and answers `ok`, or 400, 403, 404, 410 or 500 with a word as text that says why.',
    source: CHANGES,
    basis: 'documented',
  },
  {
    fact: 'Its address is the secret by which one posts: Slack revokes addresses that it finds in public.',
    source: WEBHOOKS,
    basis: 'documented',
  },
  {
    fact: 'It takes one message a second, and short bursts; more is answered by 429 with `Retry-After`.',
    source: 'https://docs.slack.dev/apis/web-api/rate-limits',
    basis: 'documented',
  },
  {
    fact: 'In a text, `&`, `<` and `>` are written as entities; with `mrkdwn: false` no other character is markup. `unfurl_links` and `unfurl_media` keep Slack from opening addresses in it.',
    source: 'https://docs.slack.dev/messaging/formatting-message-text',
    basis: 'documented',
  },
  {
    fact: 'Slack cuts a text after 40,000 characters.',
    source: 'https://api.slack.com/changelog/2018-04-truncating-really-long-messages',
    basis: 'documented',
  },
  {
    fact: 'A message without a text is answered by 400 with `no_text` at an address that is known, and is not shown: `connections check` sends one.',
    source: WEBHOOKS,
    basis: 'open',
  },
];

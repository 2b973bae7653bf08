import { faultOf, startSlack } from '../../activities/consumers/slack/fake';
import { answers } from '../../activities/consumers/slack/fake/answers';
import { createSlack } from '../../activities/consumers/slack/slack';
import type { FaultRow, MatrixKind } from './run-row';

export type Slack = Awaited<ReturnType<typeof startSlack>>;

export const slackKind: MatrixKind<Slack> = {
  consumer: 'slack',
  create: () => createSlack({ allowedAddresses: ['127.0.0.1'] }),
  start: () => startSlack(),
  // People tell messages apart by their last line; `repeats` are those that came again.
  records: ({ messages }) => {
    const distinct = new Set(messages.map(({ text }) => text.split('\n').at(-1))).size;
    return { messages: distinct, repeats: messages.length - distinct };
  },
  isCreation: () => true,
  nameOf: ({ method }) => method,
};

const message = {};
const one = { messages: 1, repeats: 0 };
const nothing = { messages: 0, repeats: 0 };
const delivered = { delivered: 1 };
const parked = { parked: 1 };

export const slackRows: readonly FaultRow<Slack>[] = [
  {
    kind: 'answer lost',
    fault: 'the connection ends when the message is posted, before the answer: it is posted again',
    message,
    creations: ['reset after'],
    expected: { states: delivered, failures: ['Unavailable'], records: { messages: 1, repeats: 1 } },
  },
  {
    kind: 'answer lost',
    fault: 'each time the connection ends when the message is posted: it is posted twice, then an operator has to look',
    message,
    meets: () => 'reset after',
    expected: { states: parked, failures: ['Unavailable', 'Unconfirmed'], records: { messages: 1, repeats: 1 } },
  },
  {
    kind: 'answer lost',
    fault: 'the body of 200 is too long',
    message,
    creations: ['huge'],
    expected: { states: delivered, failures: [], records: one },
  },
  {
    kind: 'no answer',
    fault: 'the connection ends before the request is read',
    message,
    creations: ['reset'],
    expected: { states: delivered, failures: ['Unavailable'], records: one },
  },
  {
    kind: 'refused',
    fault: 'invalid_payload',
    message,
    creations: [faultOf(answers.invalidPayload)],
    expected: { states: parked, failures: ['Rejected'], records: nothing },
  },
  ...(['invalidToken', 'noService', 'channelIsArchived', 'actionProhibited'] as const).map((name): FaultRow<Slack> => ({
    kind: 'credentials',
    fault: `${name}, until the operator mends the connection`,
    message,
    events: 5,
    atOnce: 1,
    meets: (_, scene) => (scene.isMended ? undefined : faultOf(answers[name])),
    isMended: true,
    expected: { states: { delivered: 5 }, records: { messages: 5, repeats: 0 } },
    never: {
      'each of them asks until it is refused': ({ requests }) =>
        requests.filter(({ fault }) => fault !== undefined).length >= 5,
    },
  })),
  {
    kind: 'later',
    fault: '429 with Retry-After',
    message,
    creations: [{ ...faultOf(answers.rateLimited), headers: { 'retry-after': '3' } }],
    expected: { states: delivered, failures: ['RateLimited'], records: one },
    never: {
      'it is tried again too early': ({ requests: [first, second] }) =>
        first !== undefined && second !== undefined && second.at - first.at < 3_000,
    },
  },
  {
    kind: 'later',
    fault: 'rollup_error, then 502 with HTML',
    message,
    creations: [faultOf(answers.rollupError), { status: 502, body: '<h1>Bad gateway</h1>' }],
    expected: { states: delivered, failures: ['Unavailable', 'Unavailable'], records: one },
  },
  {
    kind: 'content',
    fault: 'a conversation that is longer than a message may be',
    chat: { Transcript: '<!channel> 💬'.repeat(20_000), ChatMessages: [] },
    expected: { states: delivered, failures: [], records: one },
    never: {
      'the message has a mention': ({ fake }) => fake.messages.some(({ text }) => /[<>]/.test(text)),
      'Slack would cut it': ({ fake }) => fake.messages.some(({ text }) => text.length > 40_000),
    },
  },
];

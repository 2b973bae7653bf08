import {
  describeContract,
  PERSONAL_MARKER,
  SECRET_MARKER,
  type Destination,
  type HttpFault,
} from '../../../tests/consumer-contract';
import { exampleEvent } from '../../../tests/send-request';
import type { FailureType } from '../../failures';
import type { Fault } from '../../http/fake';
import { faultOf, startSlack } from './fake';
import { answers } from './fake/answers';
import { createSlack } from './slack';

const inAMinute = (): string => new Date(Date.now() + 60_000).toUTCString();

const faults: Readonly<Record<string, readonly [() => Fault, FailureType | 'delivered']>> = {
  '400': [() => faultOf(answers.invalidPayload), 'Rejected'],
  '401': [() => ({ status: 401 }), 'ConnectionBroken'],
  '403': [() => faultOf(answers.invalidToken), 'ConnectionBroken'],
  '404': [() => faultOf(answers.noService), 'ConnectionBroken'],
  '409': [() => ({ status: 409 }), 'Rejected'],
  '410': [() => faultOf(answers.channelIsArchived), 'ConnectionBroken'],
  '413': [() => ({ status: 413 }), 'Rejected'],
  '429 with seconds': [() => faultOf(answers.rateLimited), 'RateLimited'],
  '429 with a date': [() => ({ status: 429, headers: { 'retry-after': inAMinute() } }), 'RateLimited'],
  '500': [() => faultOf(answers.rollupError), 'Unavailable'],
  '502 with HTML': [() => ({ status: 502, body: `<p>${PERSONAL_MARKER}</p>` }), 'Unavailable'],
  '503': [() => ({ status: 503 }), 'Unavailable'],
  stall: [() => 'stall', 'Unavailable'],
  reset: [() => 'reset', 'Unavailable'],
  'reset after': [() => 'reset after', 'Unavailable'],
  'truncated body': [() => 'truncated', 'delivered'],
  'a long body': [() => 'huge', 'delivered'],
  'a body that does not come': [() => 'stall after headers', 'delivered'],
} satisfies Record<
  HttpFault | '410' | 'a long body' | 'a body that does not come',
  readonly [() => Fault, FailureType | 'delivered']
>;

const NEVER = 'no answer ever';

async function start(fault?: string): Promise<Destination> {
  const make = fault === undefined ? undefined : faults[fault]?.[0];
  const server = await startSlack({
    token: SECRET_MARKER,
    fault: ({ number }) => (fault === NEVER ? 'reset after' : number === 1 ? make?.() : undefined),
  });
  const [stalled, abandoned] = [server.next('stalled'), server.next('abandoned')];
  return {
    account: server.account,
    arrivals: server.requests,
    // Slack knows no idempotency key: people recognise a message by its last line.
    effects: () => new Set(server.messages.map(({ text }) => text.split('\n').at(-1))).size,
    stalled: () => stalled,
    abandoned: () => abandoned,
    release: server.release,
    close: server.close,
  };
}

describeContract('slack', {
  consumer: createSlack({ allowedAddresses: ['127.0.0.1'], requestTimeoutMs: 1_000 }),
  event: exampleEvent('OfflineMessage.Submit', { Content: PERSONAL_MARKER, VisitorName: PERSONAL_MARKER }),
  start,
  stall: 'stall',
  neverAnswers: NEVER,
  faults: Object.fromEntries(Object.entries(faults).map(([name, [, type]]) => [name, type])),
  badConfig: { channel: '#sales' },
});

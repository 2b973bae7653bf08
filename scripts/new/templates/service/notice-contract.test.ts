import type { FailureType } from '../../../../activities/failures';
import type { Fault } from '../../../../activities/http/fake';
import {
  describeContract,
  PERSONAL_MARKER,
  type Destination,
  type HttpFault,
} from '../../../../tests/consumer-contract';
import { exampleEvent } from '../../../../tests/send-request';
import { startNoticeServer } from '../http/fake';
import { createNotice } from './notice';

// The consumer is told the address before the server of a test is there.
let url = '';
const token = 'example-token';

const inAMinute = (): string => new Date(Date.now() + 60_000).toUTCString();

/** What the notice service may do wrong, and what is made of it. */
const faults: Readonly<Record<HttpFault, readonly [() => Fault, FailureType | 'delivered']>> = {
  '400': [() => ({ status: 400, body: PERSONAL_MARKER }), 'Rejected'],
  '401': [() => ({ status: 401 }), 'InvalidConfig'],
  '403': [() => ({ status: 403 }), 'InvalidConfig'],
  '404': [() => ({ status: 404 }), 'Rejected'],
  '409': [() => ({ status: 409 }), 'Rejected'],
  '413': [() => ({ status: 413 }), 'Rejected'],
  '429 with seconds': [() => ({ status: 429, headers: { 'retry-after': '60' } }), 'RateLimited'],
  '429 with a date': [() => ({ status: 429, headers: { 'retry-after': inAMinute() } }), 'RateLimited'],
  '500': [() => ({ status: 500 }), 'Unavailable'],
  '502 with HTML': [() => ({ status: 502, body: `<p>${PERSONAL_MARKER}</p>` }), 'Unavailable'],
  '503': [() => ({ status: 503 }), 'Unavailable'],
  stall: [() => 'stall', 'Unavailable'],
  reset: [() => 'reset', 'Unavailable'],
  'reset after': [() => 'reset after', 'Unavailable'],
  'truncated body': [() => 'truncated', 'Unavailable'],
};

async function start(fault?: string): Promise<Destination> {
  const make = faults[fault as HttpFault]?.[0]; // undefined without a fault
  const server = await startNoticeServer({
    token,
    fault: ({ number }) => (number === 1 ? make?.() : undefined),
  });
  url = server.url;
  const [stalled, abandoned] = [server.next('stalled'), server.next('abandoned')];
  return {
    account: null,
    arrivals: server.requests,
    effects: () => server.notices.size,
    stalled: () => stalled,
    abandoned: () => abandoned,
    release: server.release,
    close: server.close,
  };
}

const options = { allowedAddresses: ['127.0.0.1'], token, requestTimeoutMs: 1_000 };

describeContract('notice', {
  consumer: { ...createNotice(options), send: (request) => createNotice({ ...options, url }).send(request) },
  event: exampleEvent('Visitor.Rating', { ratingComment: PERSONAL_MARKER }),
  start,
  stall: 'stall',
  faults: Object.fromEntries(Object.entries(faults).map(([name, [, type]]) => [name, type])),
});

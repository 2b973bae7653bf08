import { startFakeServer, type Fault } from '../../../activities/http/fake';
import type { FailureType } from '../../../activities/failures';
import { describeContract, PERSONAL_MARKER, type Destination, type HttpFault } from '../../../tests/consumer-contract';
import { exampleEvent } from '../../../tests/send-request';
import { createNotice } from './notice';

const faults: Readonly<Record<HttpFault, readonly [Fault, FailureType | 'delivered']>> = {
  '400': [{ status: 400, body: PERSONAL_MARKER }, 'Rejected'],
  '401': [{ status: 401 }, 'Rejected'],
  '403': [{ status: 403 }, 'Rejected'],
  '404': [{ status: 404 }, 'Rejected'],
  '409': [{ status: 409 }, 'Rejected'],
  '413': [{ status: 413 }, 'Rejected'],
  '429 with seconds': [{ status: 429, headers: { 'retry-after': '60' } }, 'RateLimited'],
  '429 with a date': [{ status: 429, headers: { 'retry-after': 'Fri, 02 Jan 2026 08:00:00 GMT' } }, 'RateLimited'],
  '500': [{ status: 500 }, 'Unavailable'],
  '502 with HTML': [{ status: 502, body: `<p>${PERSONAL_MARKER}</p>` }, 'Unavailable'],
  '503': [{ status: 503 }, 'Unavailable'],
  stall: ['stall', 'Unavailable'],
  reset: ['reset', 'Unavailable'],
  'reset after': ['reset after', 'Unavailable'],
  'truncated body': ['truncated', 'delivered'], // it does not read the body
};

// The consumer is told the address before the server of a test is there.
let url = '';

async function start(fault?: string): Promise<Destination> {
  const done = new Set<unknown>();
  const server = await startFakeServer({
    handle({ headers }) {
      done.add(headers['idempotency-key']);
      return { status: 200 };
    },
    fault: ({ number }) => (number === 1 ? faults[fault as HttpFault]?.[0] : undefined),
  });
  url = server.origin;
  const [stalled, abandoned] = [server.next('stalled'), server.next('abandoned')];
  return {
    account: null,
    arrivals: server.requests,
    effects: () => done.size,
    stalled: () => stalled,
    abandoned: () => abandoned,
    release: server.release,
    close: server.close,
  };
}

describeContract('notice', {
  consumer: { ...createNotice(''), requestTimeoutMs: 1_000, send: (request) => createNotice(url).send(request) },
  event: exampleEvent('Visitor.Rating', { ratingComment: PERSONAL_MARKER }),
  start,
  stall: 'stall',
  faults: Object.fromEntries(Object.entries(faults).map(([name, [, type]]) => [name, type])),
});

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
import { isTicketCreation, rateLimited, startZendesk } from './fake';
import { createZendesk } from './zendesk';

const consumer = createZendesk({ allowedAddresses: ['127.0.0.1'], requestTimeoutMs: 2_000 });
afterAll(() => consumer.close());

const html = { 'content-type': 'text/html' };
const inAMinute = () => new Date(Date.now() + 60_000).toUTCString();
/** An error that quotes what was sent, in its text and in its names. */
const quoting = (status: number, error = 'RecordInvalid'): Fault => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    error,
    description: PERSONAL_MARKER,
    details: { requester: [{ description: PERSONAL_MARKER }], [PERSONAL_MARKER]: [] },
  }),
});

const faults: Readonly<Record<HttpFault, readonly [() => Fault, FailureType]>> = {
  '400': [() => quoting(400, PERSONAL_MARKER), 'Rejected'],
  '401': [() => ({ status: 401, body: `{"error":"Couldn't authenticate you"}` }), 'ConnectionBroken'],
  '403': [() => ({ status: 403, body: '{"error":{"title":"Forbidden","message":"no"}}' }), 'ConnectionBroken'],
  '404': [() => quoting(404), 'Rejected'],
  '409': [() => quoting(409), 'Unavailable'],
  '413': [() => ({ status: 413, headers: html, body: PERSONAL_MARKER }), 'Rejected'],
  '429 with seconds': [() => rateLimited(60), 'RateLimited'],
  '429 with a date': [() => rateLimited(inAMinute()), 'RateLimited'],
  '500': [() => quoting(500), 'Unavailable'],
  '502 with HTML': [() => ({ status: 502, headers: html, body: `<p>${PERSONAL_MARKER}</p>` }), 'Unavailable'],
  '503': [() => ({ status: 503, headers: { 'retry-after': '60' } }), 'Unavailable'],
  stall: [() => 'stall', 'Unavailable'],
  reset: [() => 'reset', 'Unavailable'],
  'reset after': [() => 'reset after', 'Unavailable'],
  'truncated body': [() => 'truncated', 'Unavailable'],
};

const others: Readonly<Record<string, readonly [() => Fault, FailureType]>> = {
  hold: [() => 'hold', 'Unavailable'],
  'stall after headers': [() => 'stall after headers', 'Unavailable'],
  huge: [() => 'huge', 'Unavailable'],
  '200 without a ticket': [
    () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"ticket":null}' }),
    'Unavailable',
  ],
  '200 with nothing': [
    () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{}' }),
    'Unavailable',
  ],
  '200 with HTML': [() => ({ status: 200, headers: html, body: '<p>Sign in</p>' }), 'Unavailable'],
  '201 without a body': [() => ({ status: 201 }), 'Unavailable'],
  '204': [() => ({ status: 204 }), 'Unavailable'],
  '302': [() => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }), 'InvalidConfig'],
  '404 with HTML': [() => ({ status: 404, headers: html, body: '<h1>No help desk</h1>' }), 'InvalidConfig'],
  '422': [() => quoting(422), 'Rejected'],
  '520': [() => ({ status: 520, headers: html }), 'Unavailable'],
};

const all = { ...faults, ...others };

async function start(fault?: string): Promise<Destination> {
  const makers = fault === undefined ? [] : [all[fault as keyof typeof faults]?.[0]];
  const server = await startZendesk({
    token: SECRET_MARKER,
    fault: (request) => (isTicketCreation(request) ? makers.shift()?.() : undefined),
  });
  const stalled = server.next('stalled');
  const abandoned = server.next('abandoned');
  return {
    account: server.account,
    arrivals: () => server.arrivals.filter(isTicketCreation).length,
    effects: () => server.tickets.length,
    stalled: () => stalled,
    abandoned: () => abandoned,
    release: server.release,
    close: server.close,
  };
}

describeContract('zendesk', {
  consumer,
  event: exampleEvent('OfflineMessage.Submit', {
    VisitorName: PERSONAL_MARKER,
    VisitorEmail: `${PERSONAL_MARKER}@example.com`,
    Title: PERSONAL_MARKER,
    Content: PERSONAL_MARKER,
    AttachmentName: `${PERSONAL_MARKER}.txt`,
  }),
  start,
  stall: 'hold',
  faults: Object.fromEntries(Object.entries(all).map(([name, [, type]]) => [name, type])),
  badConfig: { endpoint: `https://${PERSONAL_MARKER}:secret@example.com/` },
});

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
import { startWebhookReceiver } from './fake';
import { createWebhook } from './webhook';

const secret = `whsec_${SECRET_MARKER}`;
const html = { 'content-type': 'text/html' };
const inAMinute = () => new Date(Date.now() + 60_000).toUTCString();

const faults: Readonly<Record<HttpFault, readonly [() => Fault, FailureType | 'delivered']>> = {
  '400': [() => ({ status: 400, body: PERSONAL_MARKER }), 'Unavailable'],
  '401': [() => ({ status: 401 }), 'Unavailable'],
  '403': [() => ({ status: 403 }), 'Unavailable'],
  '404': [() => ({ status: 404 }), 'Unavailable'],
  '409': [() => ({ status: 409 }), 'Unavailable'],
  '413': [() => ({ status: 413 }), 'Rejected'],
  '429 with seconds': [() => ({ status: 429, headers: { 'retry-after': '60' } }), 'RateLimited'],
  '429 with a date': [() => ({ status: 429, headers: { 'retry-after': inAMinute() } }), 'RateLimited'],
  '500': [() => ({ status: 500 }), 'Unavailable'],
  '502 with HTML': [() => ({ status: 502, headers: html, body: `<p>${PERSONAL_MARKER}</p>` }), 'Unavailable'],
  '503': [() => ({ status: 503, headers: { 'retry-after': '60' } }), 'Unavailable'],
  stall: [() => 'stall', 'Unavailable'],
  reset: [() => 'reset', 'Unavailable'],
  'reset after': [() => 'reset after', 'Unavailable'],
  // The endpoint has it: what it says beside its status does not matter.
  'truncated body': [() => 'truncated', 'delivered'],
};

async function start(fault?: string): Promise<Destination> {
  const [make] = fault === undefined ? [undefined] : (faults[fault as keyof typeof faults] ?? []);
  const server = await startWebhookReceiver({ secret, fault: (request) => (request === 1 ? make?.() : undefined) });
  const stalled = server.next('stalled');
  const abandoned = server.next('abandoned');
  return {
    account: { config: { url: `${server.url}?token=${PERSONAL_MARKER}` }, secrets: { secret } },
    arrivals: server.requests,
    effects: () => new Set(server.arrivals.filter(isEvent).map(({ id }) => id)).size,
    stalled: () => stalled,
    abandoned: () => abandoned,
    release: server.release,
    close: server.close,
  };
}

const isEvent = ({ body, isVerified }: { body: string; isVerified: boolean }): boolean =>
  isVerified && JSON.parse(body).type !== 'webhook.test';

describeContract('webhook', {
  consumer: createWebhook({ allowedAddresses: ['127.0.0.1'], requestTimeoutMs: 1_000 }),
  event: exampleEvent('Visitor.Rating', { ratingComment: PERSONAL_MARKER }),
  start,
  stall: 'stall',
  faults: Object.fromEntries(Object.entries(faults).map(([name, [, type]]) => [name, type])),
  badConfig: { url: `https://${PERSONAL_MARKER}:secret@example.com/` },
});

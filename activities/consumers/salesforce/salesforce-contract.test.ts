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
import { isRecordCreation, startSalesforce } from './fake';
import { createSalesforce } from './salesforce';

const consumer = createSalesforce({ allowedAddresses: ['127.0.0.1'], requestTimeoutMs: 2_000 });
afterAll(() => consumer.close());

const html = { 'content-type': 'text/html' };
const json = { 'content-type': 'application/json' };
const inAMinute = () => new Date(Date.now() + 60_000).toUTCString();
/** An error that quotes what was sent, in its text and in its names. */
const quoting = (status: number, errorCode = 'FIELD_CUSTOM_VALIDATION_EXCEPTION'): Fault => ({
  status,
  headers: json,
  body: JSON.stringify([{ errorCode, message: PERSONAL_MARKER, fields: [PERSONAL_MARKER] }]),
});
const limited = (retryAfter: string): Fault => ({ status: 429, headers: { 'retry-after': retryAfter } });
const failing = (body: unknown): Fault => ({ status: 200, headers: json, body: JSON.stringify(body) });
/** A part of a composite answer, which is a success as a whole. */
const part = (errorCode: string, message: string): Fault =>
  failing({
    compositeResponse: [
      { httpStatusCode: 400, referenceId: 'file0', body: [{ errorCode: 'PROCESSING_HALTED', message: 'halted' }] },
      { httpStatusCode: 400, referenceId: 'record', body: [{ errorCode, message, fields: [PERSONAL_MARKER] }] },
    ],
  });
/** A halted part beside one of which nothing is known. */
const unreadable = (httpStatusCode: number): Fault =>
  failing({
    compositeResponse: [
      { httpStatusCode: 400, referenceId: 'file0', body: [{ errorCode: 'PROCESSING_HALTED', message: 'halted' }] },
      { httpStatusCode, referenceId: 'record', body: '<p>Sorry</p>' },
    ],
  });

const faults: Readonly<Record<HttpFault, readonly [() => Fault, FailureType | 'delivered']>> = {
  '400': [() => quoting(400, PERSONAL_MARKER), 'Rejected'],
  '401': [() => quoting(401, 'INVALID_SESSION_ID'), 'delivered'],
  '403': [() => quoting(403, 'INSUFFICIENT_ACCESS'), 'Rejected'],
  '404': [() => quoting(404, 'NOT_FOUND'), 'Rejected'],
  '409': [() => quoting(409), 'Rejected'],
  '413': [() => ({ status: 413, headers: html, body: PERSONAL_MARKER }), 'Rejected'],
  '429 with seconds': [() => limited('60'), 'RateLimited'],
  '429 with a date': [() => limited(inAMinute()), 'RateLimited'],
  '500': [() => quoting(500, 'UNKNOWN_EXCEPTION'), 'Unavailable'],
  '502 with HTML': [() => ({ status: 502, headers: html, body: `<p>${PERSONAL_MARKER}</p>` }), 'Unavailable'],
  '503': [() => quoting(503, 'SERVER_UNAVAILABLE'), 'Unavailable'],
  stall: [() => 'stall', 'Unavailable'],
  reset: [() => 'reset', 'Unavailable'],
  'reset after': [() => 'reset after', 'Unavailable'],
  'truncated body': [() => 'truncated', 'Unavailable'],
};

const others: Readonly<Record<string, readonly [() => Fault, FailureType]>> = {
  hold: [() => 'hold', 'Unavailable'],
  'stall after headers': [() => 'stall after headers', 'Unavailable'],
  huge: [() => 'huge', 'Unavailable'],
  'a part with HTML, behind one that was halted': [() => unreadable(503), 'Unavailable'],
  'a full storage, said with 500': [() => quoting(500, 'STORAGE_LIMIT_EXCEEDED'), 'ConnectionBroken'],
  '200 with nothing': [() => failing({}), 'Unavailable'],
  '200 with HTML': [() => ({ status: 200, headers: html, body: '<p>Sign in</p>' }), 'Unavailable'],
  '201 without a body': [() => ({ status: 201 }), 'Unavailable'],
  '204': [() => ({ status: 204 }), 'Unavailable'],
  '302': [() => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }), 'InvalidConfig'],
  '410': [() => quoting(410, 'GONE'), 'InvalidConfig'],
  '420': [() => ({ status: 420, headers: html }), 'Unavailable'],
  'a part that is refused': [() => part('STRING_TOO_LONG', PERSONAL_MARKER), 'Rejected'],
  'a row that somebody holds': [() => part('UNABLE_TO_LOCK_ROW', PERSONAL_MARKER), 'Unavailable'],
  'a trigger that met such a row': [
    () => part('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `UNABLE_TO_LOCK_ROW ${PERSONAL_MARKER}`),
    'Unavailable',
  ],
  'the quota of the day': [() => quoting(403, 'REQUEST_LIMIT_EXCEEDED'), 'RateLimited'],
  'an API that is switched off': [() => quoting(403, 'API_DISABLED_FOR_ORG'), 'ConnectionBroken'],
};

const all = { ...faults, ...others };

async function start(fault?: string): Promise<Destination> {
  const makers = fault === undefined ? [] : [all[fault as keyof typeof faults]?.[0]];
  const server = await startSalesforce({
    clientSecret: SECRET_MARKER,
    fault: (request) => (isRecordCreation(request) ? makers.shift()?.() : undefined),
  });
  const stalled = server.next('stalled');
  const abandoned = server.next('abandoned');
  return {
    account: server.account,
    arrivals: () => server.arrivals.filter(isRecordCreation).length,
    effects: () => server.records('Case').length,
    stalled: () => stalled,
    abandoned: () => abandoned,
    release: server.release,
    close: server.close,
  };
}

describeContract('salesforce', {
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
  badConfig: { loginUrl: `https://${PERSONAL_MARKER}:secret@example.com/`, authorization: 'refreshToken' },
});

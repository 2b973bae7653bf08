import { generateKeyPairSync } from 'node:crypto';
import { defaultSignIn } from '../../activities/consumers/salesforce/fake/tokens';
import { startSalesforce } from '../../activities/consumers/salesforce/fake';
import { startMovingOrg, type OldAnswer } from '../moved-org';
import type { FaultRow } from './run-row';
import { none, orders, type Salesforce } from './salesforce-kind';

const { createCase } = orders;
const signedIn = ['POST token', 'GET Case/describe'];

interface Moving extends Salesforce {
  readonly move: (answer: OldAnswer) => void;
}
const start = (clock: () => number): Promise<Moving> => startMovingOrg({ org: { clock } });
const moved = (answer: OldAnswer) => (fake: Salesforce) => (fake as Moving).move(answer); // the row starts no other

/** What is answered by an org whose user or whose state is at fault. */
const refusing = (errorCode: string): Pick<FaultRow<Salesforce>, 'meets'> => ({
  meets: (name, { isMended }) =>
    name === 'POST Case' && !isMended
      ? { status: 403, body: JSON.stringify([{ errorCode, message: 'said' }]) }
      : undefined,
});

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const FOUR_MINUTES = 4 * 60_000;

/** The org itself, its user, or the sign-in is at fault, and not the record. */
export const salesforceOrgRows: readonly FaultRow<Salesforce>[] = [
  ...(
    [
      ['301', { status: 301, location: 'http://127.0.0.1:1/' }],
      ['404', { status: 404 }],
    ] as const
  ).map(([name, answer]): FaultRow<Salesforce> => ({
    kind: 'refused',
    fault: `the org has moved, and its old instance answers ${name}`,
    start,
    salesforce: createCase,
    after: moved(answer),
    expected: {
      states: { delivered: 2 },
      failures: [],
      records: { ...none, Case: 2 },
      requests: [...signedIn, 'POST Case', 'POST token', 'POST Case'],
    },
  })),
  {
    kind: 'no answer',
    fault: 'the org has moved, and its old instance answers nothing',
    start,
    salesforce: createCase,
    after: moved('nothing'),
    expected: {
      states: { delivered: 2 },
      failures: ['Unavailable'],
      records: { ...none, Case: 2 },
      requests: [...signedIn, 'POST Case', 'POST token', 'GET query', 'POST Case'],
    },
  },
  {
    kind: 'credentials',
    fault: 'the password of the user has expired, and is mended',
    salesforce: createCase,
    ...refusing('INVALID_OPERATION_WITH_EXPIRED_PASSWORD'),
    isMended: true,
    expected: {
      states: { delivered: 1 },
      failures: ['ConnectionBroken'],
      records: { ...none, Case: 1 },
      requests: [...signedIn, 'POST Case', ...signedIn, 'POST Case'],
    },
  },
  {
    kind: 'refused',
    fault: 'the storage of the org is full',
    salesforce: createCase,
    ...refusing('STORAGE_LIMIT_EXCEEDED'),
    expected: { states: { parked: 1 }, failures: ['ConnectionBroken'], records: none },
  },
  {
    kind: 'later',
    fault: 'the org is in its read-only maintenance',
    salesforce: createCase,
    creations: [
      {
        status: 400,
        body: JSON.stringify([{ errorCode: 'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE', message: 'said' }]),
      },
    ],
    expected: { states: { delivered: 1 }, failures: ['Unavailable'], records: { ...none, Case: 1 } },
  },
  {
    kind: 'credentials',
    fault: 'the token server asks to retry the request',
    salesforce: createCase,
    meets: (_, { requests }) =>
      requests.length === 0
        ? { status: 400, body: JSON.stringify({ error: 'unknown_error', error_description: 'retry your request' }) }
        : undefined,
    expected: {
      states: { delivered: 1 },
      failures: ['Unavailable'],
      records: { ...none, Case: 1 },
      requests: ['POST token', 'POST token', 'GET Case/describe', 'GET query', 'POST Case'],
    },
  },
  {
    kind: 'credentials',
    fault: "the worker's clock is four minutes behind",
    salesforce: createCase,
    start: async (clock) => {
      const fake = await startSalesforce({
        org: { clock: () => clock() + FOUR_MINUTES },
        publicKey: keys.publicKey,
      });
      const config = { ...fake.account.config, authorization: 'jwtBearer', username: defaultSignIn.username };
      return { ...fake, account: { config, secrets: { clientSecret: 'unused', privateKey: keys.privateKey } } };
    },
    expected: {
      states: { delivered: 1 },
      failures: [],
      records: { ...none, Case: 1 },
      requests: ['POST token', ...signedIn, 'POST Case'],
    },
  },
];

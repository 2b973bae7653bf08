import type { FailureType } from '../../failures';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
import { createEmail } from './email';
import { startSmtpServer, type Faults, type SmtpServerOptions } from './fake';
import { smtpFailure } from './smtp-failure';

const allowedAddresses = ['127.0.0.1'];

const password = 'correct horse';
const user = { name: 'mailer', password };
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Setting {
  readonly server?: SmtpServerOptions;
  readonly faults?: Faults;
  readonly config?: object;
  readonly trusted?: boolean;
}

/** A server and an account that sends a transcript to one recipient. */
async function start({ server: options = {}, faults = {}, config = {}, trusted = true }: Setting = {}) {
  const server = await startSmtpServer({ user, ...options });
  closing.push(server.close);
  Object.assign(server.faults, faults);
  const email = createEmail({ allowedAddresses, ...(trusted && { ca: server.ca }) });
  closing.push(email.close);
  const account = {
    config: {
      host: server.host,
      port: server.port,
      username: 'mailer',
      from: { address: 'support@example.com' },
      recipients: { 'Chat.Ended': ['a@example.com'] },
      ...config,
    },
    secrets: { password },
  };
  const check = (signal = AbortSignal.timeout(30_000)) => email.connection?.check(account, signal);
  const send = (signal = AbortSignal.timeout(30_000)) =>
    email.send(sendRequest(exampleEvent('Chat.Ended'), { account, signal }));
  return { server, email, account, check, send };
}

type Row = [what: string, setting: Setting, type: FailureType, details: object];

const rows: Row[] = [
  ['a recipient refused with 550', { faults: { recipient: () => '550 5.1.1' } }, 'Rejected', { accepted: 0 }],
  [
    'a recipient refused with 450',
    { faults: { recipient: () => '450 4.2.1' } },
    'Unavailable',
    { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 450, enhancedStatus: '4.2.1' },
  ],
  ['503', { faults: { recipient: () => '503 5.5.1' } }, 'Unavailable', { code: 'EENVELOPE', responseCode: 503 }],
  [
    'a greeting that serves nobody',
    { faults: { connect: () => '554 5.7.1' } },
    'ConnectionBroken',
    { code: 'EPROTOCOL', stage: 'greeting', responseCode: 554, enhancedStatus: '5.7.1' },
  ],
  ['a greeting of 521', { faults: { connect: () => '521 go away' } }, 'ConnectionBroken', { stage: 'greeting' }],
  ['a greeting of a full server', { faults: { connect: () => '554 5.3.1' } }, 'Unavailable', { stage: 'greeting' }],
  [
    'a refused sender',
    { faults: { sender: () => '550 5.7.60' } },
    'ConnectionBroken',
    { stage: 'MAIL', enhancedStatus: '5.7.60' },
  ],
  ['a refused sender, no status', { faults: { sender: () => '553 not yours' } }, 'ConnectionBroken', { stage: 'MAIL' }],
  ['a size that the sender announces', { faults: { sender: () => '552 too large' } }, 'Rejected', { accepted: 0 }],
  [
    "the quota of Gmail's day",
    { faults: { recipient: () => '550 5.4.5' } },
    'RateLimited',
    { stage: 'RCPT', responseCode: 550, enhancedStatus: '5.4.5' },
  ],
  ['the same at the end of a message', { faults: { data: () => '550 5.4.5' } }, 'RateLimited', { stage: 'DATA' }],
  ['a full mailbox', { faults: { recipient: () => '552 5.2.2' } }, 'Unavailable', { enhancedStatus: '5.2.2' }],
  ['a full mailbox, no status', { faults: { recipient: () => '552 full' } }, 'Unavailable', { stage: 'RCPT' }],
  ['a full mailbox, said later', { faults: { data: () => '554 5.2.2' } }, 'Unavailable', { stage: 'DATA' }],
  [
    'a sign-in where passwords are switched off',
    { faults: { auth: () => '535 5.7.139' } },
    'ConnectionBroken',
    { stage: 'AUTH', enhancedStatus: '5.7.139' },
  ],
  ['421', { faults: { recipient: () => '421 4.3.2' } }, 'Unavailable', { responseCode: 421 }],
  ['a demand for a sign-in', { faults: { recipient: () => '530 5.7.0' } }, 'ConnectionBroken', { responseCode: 530 }],
  ['a message refused with 554', { faults: { data: () => '554 5.6.0' } }, 'Rejected', { accepted: 0 }],
  ['a message refused with 451', { faults: { data: () => '451 4.3.0' } }, 'Unavailable', { code: 'EMESSAGE' }],
  [
    'a sign-in refused with 535',
    { faults: { auth: () => '535 5.7.8' } },
    'ConnectionBroken',
    { code: 'EAUTH', responseCode: 535, enhancedStatus: '5.7.8' },
  ],
  ['a sign-in refused with 454', { faults: { auth: () => '454 4.7.0' } }, 'Unavailable', { code: 'EAUTH' }],
  ['no STARTTLS', { server: { security: 'none' } }, 'ConnectionBroken', { code: 'ETLS', responseCode: 500 }],
  [
    'a certificate of nobody known',
    { trusted: false },
    'ConnectionBroken',
    { code: 'ESOCKET', originalCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  ],
  [
    'a certificate of nobody known, TLS from the first byte',
    { trusted: false, server: { security: 'tls' }, config: { security: 'tls' } },
    'ConnectionBroken',
    { code: 'ESOCKET', originalCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  ],
  [
    'a certificate that has expired',
    { server: { validUntil: new Date('2021-01-01') } },
    'ConnectionBroken',
    { code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED' },
  ],
  ['TLS at a port that speaks none', { config: { security: 'tls' } }, 'ConnectionBroken', { code: 'ESOCKET' }],
  [
    'a port where nobody listens',
    { config: { port: 9 } },
    'Unavailable',
    { code: 'ESOCKET', originalCode: 'ECONNREFUSED' },
  ],
  [
    'a name that nobody has',
    { config: { host: 'smtp.invalid' } },
    'Unavailable',
    { code: 'EDNS', originalCode: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) },
  ],
  ['a drop before the greeting', { faults: { connect: () => 'drop' } }, 'Unavailable', { code: 'ECONNECTION' }],
  ['a refusal as greeting', { faults: { connect: () => '421 4.3.2' } }, 'Unavailable', { responseCode: 421 }],
  ['a drop before DATA', { faults: { recipient: () => 'drop' } }, 'Unavailable', {}],
  ['a drop within DATA', { faults: { beforeData: () => 'drop' } }, 'Unavailable', {}],
  ['a drop after DATA', { faults: { data: () => 'drop' } }, 'Unavailable', {}],
];

it.each(rows)('takes %s for what it is', async (_, setting, type, details) => {
  const { send } = await start(setting);
  const error = await failureOf(send());
  expect(error).toMatchObject({ name: 'DeliveryFailure', type, details });
  const said = `${error.message} ${JSON.stringify(error.details)}`;
  // Neither people nor secrets nor the texts of the server.
  expect(said).not.toMatch(/@|correct horse|mailer|scripted refusal|example\.com|smtp\.invalid/);
});

it('leaves errors alone that are not of nodemailer', () => {
  const error = new TypeError('a mistake of ours');
  expect(smtpFailure(error)).toBe(error);
});

async function failureOf(sending: Promise<unknown>): Promise<{ message: string; details: object }> {
  try {
    await sending;
  } catch (error) {
    return error as { message: string; details: object }; // matched by the caller
  }
  throw new Error('It did not fail.');
}

it.each<[string, Faults]>([
  ['in the greeting', { connect: () => 'stall' }],
  ['at the recipient', { recipient: () => 'stall' }],
])('gives up when it is aborted while the server stalls %s', async (_, faults) => {
  const { server, send } = await start();
  const reached = new Promise<void>((resolve) => {
    const [[name, fault]] = Object.entries(faults) as [[keyof Faults, () => 'stall']];
    Object.assign(server.faults, { [name]: () => (resolve(), fault()) });
  });
  const abort = new AbortController();
  const sending = failureOf(send(abort.signal));
  await reached;
  abort.abort();
  expect(await sending).toMatchObject({ type: 'Unavailable', details: { code: 'EABORT' } });
});

it('sends no message twice within one try when the server drops after DATA', async () => {
  const { server, send } = await start({ faults: { data: () => 'drop' } });
  await failureOf(send());
  expect(server.arrivals).toHaveLength(1);
});

it('connects twice at most within one try when the server drops at once', async () => {
  const { server, send } = await start({ faults: { connect: () => 'drop' } });
  await failureOf(send());
  expect(server.connections()).toBe(2);
});

it('gives its credentials to no server without TLS', async () => {
  const { server, send, check } = await start({ server: { security: 'none' } });
  await expect(send()).rejects.toMatchObject({ type: 'ConnectionBroken' });
  await expect(check()).rejects.toMatchObject({ type: 'ConnectionBroken' });
  expect(server.connections()).toBe(2);
  expect(server.logins).toEqual([]);
  expect(server.arrivals).toEqual([]);
});

it('refuses to send a password in plain text, and half of an account', async () => {
  const plain = await start({ config: { security: 'none' } });
  await expect(plain.send()).rejects.toMatchObject({ type: 'InvalidConfig' });
  const half = await start({ config: { username: undefined } });
  await expect(half.check()).rejects.toMatchObject({ type: 'InvalidConfig' });
  expect([plain.server.connections(), half.server.connections()]).toEqual([0, 0]);
});

describe('check', () => {
  it.each([
    ['starttls', 'accepts the account, TLSv1.3'],
    ['tls', 'accepts the account, TLSv1.3'],
  ] as const)('signs in with %s and says so', async (security, said) => {
    const { server, check } = await start({ server: { security }, config: { security } });
    await expect(check()).resolves.toBe(`127.0.0.1:${server.port} ${said}`);
    expect(server.logins).toEqual([{ name: 'mailer', tls: true }]);
    expect(server.arrivals).toEqual([]);
  });

  it('says when there is no sign-in', async () => {
    const server = await startSmtpServer({ security: 'none' });
    closing.push(server.close);
    const config = { host: server.host, port: server.port, security: 'none', from: { address: 'a@example.com' } };
    const said = await createEmail({ allowedAddresses }).connection?.check(
      { config, secrets: {} },
      AbortSignal.timeout(10_000),
    );
    expect(said).toBe(`127.0.0.1:${server.port} answers without sign-in, plain text`);
  });

  it.each<[string, Faults, object]>([
    ['credentials', { auth: () => '535 5.7.8' }, { type: 'ConnectionBroken', details: { responseCode: 535 } }],
    ['a drop', { connect: () => 'drop' }, { type: 'Unavailable', details: { code: 'ECONNECTION' } }],
  ])('fails as a send would: %s', async (_, faults, failure) => {
    const { check } = await start({ faults });
    await expect(check()).rejects.toMatchObject(failure);
  });

  it('stops when it is aborted', async () => {
    const { server, check } = await start();
    const abort = new AbortController();
    server.faults.connect = () => {
      abort.abort();
      return 'stall';
    };
    await expect(check(abort.signal)).rejects.toMatchObject({ type: 'Unavailable', details: { code: 'EABORT' } });
  });
});

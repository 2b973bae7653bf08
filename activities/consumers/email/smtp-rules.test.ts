import { isAboutOneMessage, smtpFailure } from './smtp-failure';

const refusal = (response: string, command = 'RCPT TO') => {
  const responseCode = Number(response.slice(0, 3));
  const code = command === 'CONN' ? 'EPROTOCOL' : command.startsWith('AUTH') ? 'EAUTH' : 'EENVELOPE';
  const permanent = responseCode >= 500 && responseCode !== 503;
  return Object.assign(new Error('of nodemailer'), { code, command, response, responseCode, permanent });
};

const HOUR = 3_600_000;

it.each([
  ['550 5.2.251 Sender throttled', 'DATA', 'RateLimited', HOUR],
  ['550 5.2.255 Sender throttled', 'DATA', 'RateLimited', HOUR],
  ['554 5.2.252 SendAsDenied; a not allowed to send as b', 'DATA', 'ConnectionBroken', undefined],
  ['554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException', 'DATA', 'RateLimited', HOUR],
  ['554 5.2.0 STOREDRV.Submission.Exception:OtherException', 'DATA', 'Rejected', undefined],
  ['550 5.1.90 daily limit for message recipients', 'DATA', 'RateLimited', HOUR],
  ['451 4.4.5 congestion', 'RCPT TO', 'Unavailable', undefined],
  ['432 4.3.2 Concurrent connections limit exceeded', 'DATA', 'RateLimited', 60_000],
  ['452 4.2.2 full', 'RCPT TO', 'Unavailable', undefined],
  ['550 5.7.30 Basic authentication is not supported', 'AUTH PLAIN', 'ConnectionBroken', undefined],
  ['550 5.4.5 quota', 'AUTH LOGIN', 'RateLimited', HOUR],
  ['500 5.5.1 what', 'EHLO', 'ConnectionBroken', undefined],
  ['550 5.7.1 not from here', 'EHLO', 'ConnectionBroken', undefined],
  ['554 5.7.1 relaying denied', 'RCPT TO', 'Rejected', undefined],
  ['550 5.4.1 Recipient address rejected', 'RCPT TO', 'Rejected', undefined],
  ['550 5.1.8 bad outbound sender', 'DATA', 'ConnectionBroken', undefined],
  ['550 5.3.4 too big', 'MAIL FROM', 'Rejected', undefined],
  ['554 5.3.0 refused', 'RCPT TO', 'Rejected', undefined],
  ['554 5.4.3 directory', 'RCPT TO', 'Unavailable', undefined],
  ['503 5.5.1 order', 'RCPT TO', 'Unavailable', undefined],
  ['450 4.7.1 greylisted', 'RCPT TO', 'Unavailable', undefined],
  ['550 go away', 'RCPT TO', 'Rejected', undefined],
  ['550-Message refused\n550 5.4.5 Daily quota', 'RCPT TO', 'RateLimited', HOUR],
  ['550-5.4.5 Daily quota\n550 5.1.1 more', 'RCPT TO', 'RateLimited', HOUR],
  ['550 #5.4.5 quota', 'RCPT TO', 'RateLimited', HOUR],
  ['550 [5.4.5] quota', 'RCPT TO', 'RateLimited', HOUR],
  ['550\t5.4.5 quota', 'RCPT TO', 'RateLimited', HOUR],
  ['550 5.4.5.1 is an address', 'RCPT TO', 'Rejected', undefined],
  ['550 4.7.1 greylisted', 'RCPT TO', 'Unavailable', undefined],
  ['554 4.4.1 no answer', 'DATA', 'Unavailable', undefined],
  ['554 4.3.2 full', 'CONN', 'Unavailable', undefined],
  ['554 4.7.1 later', 'EHLO', 'Unavailable', undefined],
  ['535 4.7.0 temporary authentication failure', 'AUTH PLAIN', 'Unavailable', undefined],
  ['550 4.7.1 later', 'MAIL FROM', 'Unavailable', undefined],
  ['450 5.1.1 unknown', 'RCPT TO', 'Rejected', undefined],
  ['421 5.7.1 closing', 'RCPT TO', 'Unavailable', undefined],
])('takes %s to %s as %s', (response, command, type, retryAfterMs) => {
  expect(smtpFailure(refusal(response, command))).toMatchObject({ type, retryAfterMs });
});

it.each([
  ['550 5.4.5 quota', 'MAIL FROM', true],
  ['550 5.2.251 Sender throttled', 'DATA', true],
  ['432 4.3.2 Concurrent connections limit exceeded', 'DATA', true],
  ['554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException', 'DATA', true],
  ['554 5.2.2 Mailbox full', 'DATA', false],
  ['552 5.2.2 full', 'RCPT TO', false],
  ['451 4.3.0 later', 'DATA', false],
])('knows of %s to %s whether it holds for the whole connection', (response, command, ofConnection) => {
  expect(smtpFailure(refusal(response, command))).toMatchObject({ ofConnection });
});

it.each([
  ['535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox.', /have SmtpClientAuthentication enabled/],
  ['535 5.7.139 Authentication unsuccessful, basic authentication is disabled.', /sign in by OAuth/],
])('says what to do about %s', (response, advice) => {
  const message = expect.stringMatching(advice);
  expect(smtpFailure(refusal(response, 'AUTH XOAUTH2'))).toMatchObject({ type: 'ConnectionBroken', message });
});

it('goes on with the other recipients only where one message is the matter', () => {
  expect(isAboutOneMessage(refusal('550 5.1.1 nobody'))).toBe(true);
  expect(isAboutOneMessage(refusal('552 5.2.2 full'))).toBe(true);
  expect(isAboutOneMessage(refusal('451 4.3.0 later'))).toBe(true);
  for (const account of ['550 5.4.5 quota', '530 5.7.0 sign in', '421 4.3.2 closing', '550 5.7.60 not as this']) {
    expect(isAboutOneMessage(refusal(account))).toBe(false);
  }
  expect(isAboutOneMessage(refusal('550 5.7.1 not you', 'MAIL FROM'))).toBe(false);
});

it('says that passwords are switched off', () => {
  const message = expect.stringContaining('basic authentication is off');
  expect(smtpFailure(refusal('535 5.7.139 off', 'AUTH PLAIN'))).toMatchObject({ message });
});

it.each(['TOO_MANY_LOOK_UPS', 'ECANCELLED'])('costs no try where the host was not looked up: %s', (originalCode) => {
  const error = Object.assign(new Error('of the dial'), { code: 'EDNS', originalCode, command: 'CONN' });
  expect(smtpFailure(error)).toMatchObject({ type: 'Unavailable', ours: true });
  Object.assign(error, { originalCode: 'ENOTFOUND' });
  expect(smtpFailure(error)).toMatchObject({ type: 'Unavailable', ours: false });
});

it.each([
  ['ETIMEDOUT', { timeoutType: 'CONNECT_TIMEOUT' }, 'Unavailable'],
  ['ETIMEDOUT', { timeoutType: 'GREETING_TIMEOUT' }, 'Unavailable'],
  ['ETIMEDOUT', { timeoutType: 'UPGRADE_TIMEOUT' }, 'Unavailable'],
  ['ETIMEDOUT', { timeoutType: 'SOCKET_TIMEOUT' }, 'Unavailable'],
  ['ESOCKET', { originalCode: 'ECONNRESET' }, 'Unavailable'],
  ['ESOCKET', { originalCode: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'ConnectionBroken'],
  ['EDNS', { originalCode: 'EAI_AGAIN' }, 'Unavailable'],
  ['ETLS', { command: 'CONN' }, 'Unavailable'],
  ['ETLS', { command: 'STARTTLS' }, 'ConnectionBroken'],
  ['EENVELOPE', { command: 'API' }, 'Rejected'],
  ['ECONFIG', {}, 'Rejected'],
  ['EFILEACCESS', {}, 'Rejected'],
  ['EURLACCESS', {}, 'Rejected'],
  ['EMAXRECIPIENTS', {}, 'Rejected'],
])('takes %s with %j as %s, where no server can be made to bring it about', (code, rest, type) => {
  const error = Object.assign(new Error('of nodemailer'), { code, ...rest });
  expect(smtpFailure(error)).toMatchObject({ type, details: { code, ...rest } });
});

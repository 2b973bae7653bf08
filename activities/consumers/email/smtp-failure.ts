import type { NodemailerError } from 'nodemailer';
import { DeliveryFailure, type FailureType } from '../../failures';

/** By nodemailer's code, where the server has not answered with a number. */
const byCode: Readonly<Record<string, FailureType>> = {
  EABORT: 'Unavailable',
  EAUTH: 'ConnectionBroken',
  ECONFIG: 'Rejected',
  ECONNECTION: 'Unavailable',
  EDNS: 'Unavailable',
  EENVELOPE: 'Rejected',
  EFILEACCESS: 'Rejected',
  EMAXRECIPIENTS: 'Rejected',
  EMESSAGE: 'Rejected',
  ENOAUTH: 'ConnectionBroken',
  EPROTOCOL: 'Unavailable',
  ESOCKET: 'Unavailable',
  ETIMEDOUT: 'Unavailable',
  ETLS: 'ConnectionBroken',
  EURLACCESS: 'Rejected',
};

/** Codes whose permanent answers are about the account, not about the message. */
const ABOUT_ACCOUNT = ['EAUTH', 'ETLS'];
/** Answers that ask for a sign-in or for TLS, whatever was asked of the server. */
const DEMANDS = [530, 534, 535, 538];
/** Node's and OpenSSL's codes for a certificate that does not hold, or for no TLS at all. */
const BAD_TLS = /^(?:CERT_|CRL_|ERR_TLS_|ERR_SSL_|EPROTO$|HOSTNAME_|INVALID_|UNABLE_TO_|.*SELF_SIGNED)/;

const messages: Partial<Record<FailureType, string>> = {
  ConnectionBroken: "cannot be used with this account; correct the connection's server, security or credentials",
  Rejected: 'refuses the message for good; correct the recipient or the connection, then send it again',
  Unavailable: 'does not take the message now; it is tried again',
};

const codesOf = (type: FailureType): string =>
  Object.keys(byCode)
    .filter((code) => byCode[code] === type)
    .map((code) => `\`${code}\``)
    .join(', ');

/** What a server may say, and the failure that it becomes, for people. */
export const smtpAnswers: readonly (readonly [answer: string, becomes: string])[] = [
  [`${DEMANDS.join(', ')}; any 5xx to sign-in or STARTTLS`, '`ConnectionBroken`'],
  ['any other 5xx', '`Rejected`; to one of several recipients, once the others were tried'],
  ['4xx', '`Unavailable`'],
  ['a certificate that does not hold, no TLS', '`ConnectionBroken`'],
  ...(['ConnectionBroken', 'Rejected', 'Unavailable'] as const).map(
    (type) => [`no number, but ${codesOf(type)}`, `\`${type}\``] as const,
  ),
];

/** The failure that an error of nodemailer is. @returns the error itself when it is none of nodemailer's */
export function smtpFailure(error: unknown): unknown {
  const { code, command, responseCode, originalCode, timeoutType } = asSmtpError(error);
  if (code === undefined || byCode[code] === undefined) return error;
  const type = classify(asSmtpError(error), byCode[code]);
  const details = {
    code,
    ...(command !== undefined && { command }),
    ...(responseCode !== undefined && { responseCode }),
    ...enhancedStatus(error),
    ...(originalCode !== undefined && { originalCode }),
    ...(timeoutType !== undefined && { timeoutType }),
  };
  const said = [responseCode, enhancedStatus(error).enhancedStatus, originalCode, timeoutType]
    .filter(Boolean)
    .join(' ');
  return new DeliveryFailure(type, `The SMTP server ${messages[type]} (${said || code}).`, { details });
}

/** True when the server has judged one message and would listen to the next: the other recipients are still tried. */
export function isAboutOneMessage(error: unknown): boolean {
  const { code, responseCode } = asSmtpError(error);
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== 421 && !DEMANDS.includes(responseCode ?? 0);
}

function classify(
  { code = '', command, permanent, responseCode, originalCode }: NodemailerError,
  otherwise: FailureType,
) {
  if (DEMANDS.includes(responseCode ?? 0)) return 'ConnectionBroken';
  if (permanent === true) return ABOUT_ACCOUNT.includes(code) ? 'ConnectionBroken' : 'Rejected';
  if (permanent === false) return 'Unavailable';
  if (originalCode !== undefined && BAD_TLS.test(originalCode)) return 'ConnectionBroken';
  // The peer went away in the middle of the handshake.
  return code === 'ETLS' && command === 'CONN' ? 'Unavailable' : otherwise;
}

/** The three numbers of RFC 3463, without the text that follows them. */
function enhancedStatus(error: unknown): { enhancedStatus?: string } {
  const [, status] = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(asSmtpError(error).response ?? '') ?? [];
  return status === undefined ? {} : { enhancedStatus: status };
}

/** Every field is optional, so anything thrown can be looked at this way. */
const asSmtpError = (error: unknown): NodemailerError => (error ?? {}) as NodemailerError;

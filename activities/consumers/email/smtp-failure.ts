import type { NodemailerError } from 'nodemailer';
import { DeliveryFailure, type FailureType } from '../../failures';
import { LOOK_UPS_NOT_TRIED } from '../../http/network-failure';
import { smtpRules, type SmtpRule, type SmtpStage } from './smtp-rules';

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
  ESTREAM: 'Unavailable',
  ETIMEDOUT: 'Unavailable',
  ETLS: 'ConnectionBroken',
  EURLACCESS: 'Rejected',
};

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

/** Each answer of a server and the failure that it becomes, for people. */
export const smtpAnswers: readonly (readonly [answer: string, becomes: string])[] = [
  ...smtpRules.filter(({ shown }) => shown !== '').map((rule) => [rule.shown, becomes(rule)] as const),
  ['any other 4xx without a status of class 5', '`Unavailable`'],
  ['a certificate that does not hold, no TLS', '`ConnectionBroken`'],
  [
    'the whole message sent, and no answer within ten minutes, or an end without one',
    'sent once more, then `Unconfirmed`',
  ],
  ...(['ConnectionBroken', 'Rejected', 'Unavailable'] as const).map(
    (type) => [`no number, but ${codesOf(type)}`, `\`${type}\``] as const,
  ),
];

function becomes({ type, about, waitMs }: SmtpRule): string {
  const whose = about === 'account' ? ', for all of the connection' : '';
  const wait = waitMs === undefined ? '' : `, after ${waitMs === 60_000 ? 'a minute' : 'an hour'}${whose}`;
  return `\`${type}\`${wait}${type === 'Rejected' && about === 'message' ? '; to one of several recipients, once the others were tried' : ''}`;
}

/** The failure that an error of nodemailer is. @returns the error itself when it is none of nodemailer's */
export function smtpFailure(error: unknown): unknown {
  if (error instanceof DeliveryFailure) return error; // of the token server, or of the address
  const { code, command, responseCode, originalCode, timeoutType } = asSmtpError(error);
  if (code === undefined || byCode[code] === undefined) return error;
  const rule = ruleFor(error);
  const type = rule?.type ?? classify(asSmtpError(error), byCode[code]);
  const stage = stageOf(error);
  const { enhancedStatus } = statusOf(error);
  const details = {
    code,
    ...(command !== undefined && { command }),
    ...(stage !== undefined && { stage }),
    ...(responseCode !== undefined && { responseCode }),
    ...(enhancedStatus !== undefined && { enhancedStatus }),
    ...(originalCode !== undefined && { originalCode }),
    ...(timeoutType !== undefined && { timeoutType }),
  };
  const said = [responseCode, enhancedStatus, originalCode, timeoutType].filter(Boolean).join(' ');
  const message = `The SMTP server ${rule?.says ?? messages[type]} (${said || code}${stage === undefined ? '' : ` to ${stage}`}).`;
  const isOurs = originalCode !== undefined && LOOK_UPS_NOT_TRIED.includes(originalCode);
  const ofConnection = rule?.about === 'account';
  return new DeliveryFailure(type, message, { details, retryAfterMs: rule?.waitMs, ours: isOurs, ofConnection });
}

/** True when the server has judged one message and would listen to the next: the other recipients are still tried. */
export function isAboutOneMessage(error: unknown): boolean {
  const { code, responseCode } = asSmtpError(error);
  if (code !== 'EENVELOPE' && code !== 'EMESSAGE') return false;
  return (ruleFor(error)?.about ?? 'message') === 'message' && responseCode !== 421;
}

/** The rule for the server's answer; undefined = there is none, or another 4xx. */
function ruleFor(error: unknown): SmtpRule | undefined {
  const { responseCode = 0, response = '' } = asSmtpError(error);
  const stage = stageOf(error);
  const { enhancedStatus = '' } = statusOf(error);
  // 421 ends the session, with any enhanced status.
  const isFinal = responseCode !== 421 && (enhancedStatus || String(responseCode)).startsWith('5');
  if (stage === undefined || responseCode < 400) return undefined;
  return smtpRules.find(({ status, codes, stages, text }) => {
    const isCode = codes === undefined ? isFinal : codes.length === 0 || codes.includes(responseCode);
    return (
      isCode &&
      (status === undefined || status.test(enhancedStatus)) &&
      (stages === undefined || stages.includes(stage)) &&
      (text === undefined || text.test(response))
    );
  });
}

/** By nodemailer's command; undefined = the server was not asked, or has said something else. */
function stageOf(error: unknown): SmtpStage | undefined {
  const { code, command = '', responseCode } = asSmtpError(error);
  if (command.startsWith('AUTH')) return 'AUTH';
  if (command === 'CONN') return code === 'EPROTOCOL' && responseCode !== undefined ? 'greeting' : undefined;
  const stages: Readonly<Record<string, SmtpStage>> = {
    EHLO: 'EHLO',
    HELO: 'EHLO',
    STARTTLS: 'STARTTLS',
    'MAIL FROM': 'MAIL',
    'RCPT TO': 'RCPT',
    DATA: 'DATA',
  };
  return stages[command];
}

function classify(
  { code = '', command, permanent, originalCode, responseCode }: NodemailerError,
  otherwise: FailureType,
): FailureType {
  if (responseCode !== undefined) return permanent === true && code !== 'EPROTOCOL' ? otherwise : 'Unavailable';
  if (originalCode !== undefined && BAD_TLS.test(originalCode)) return 'ConnectionBroken';
  // The peer went away in the middle of the handshake.
  return code === 'ETLS' && command === 'CONN' ? 'Unavailable' : otherwise;
}

/** At the start of a line of the answer; some servers put a mark or a tab before it. */
const STATUS = /^\d{3}[-\t ][\t ]*[#[(]?([45]\.\d{1,3}\.\d{1,3})(?!\.?\d)/m;

/** The three numbers of RFC 3463, without the text that follows them: the first of the answer's lines that has them. */
function statusOf(error: unknown): { enhancedStatus?: string } {
  const [, status] = STATUS.exec(asSmtpError(error).response ?? '') ?? [];
  return status === undefined ? {} : { enhancedStatus: status };
}

/** Every field is optional, so anything thrown can be looked at this way. */
const asSmtpError = (error: unknown): NodemailerError => (error ?? {}) as NodemailerError;

import type { FailureType } from '../../failures';

/** Where in the session the server has said no. DATA is the command and, after it, the message. */
export type SmtpStage = 'greeting' | 'EHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA';

/** The meaning of a refusal. All given conditions must hold; the first rule whose conditions hold decides. */
export interface SmtpRule {
  /** Enhanced status codes (RFC 3463), by their text. */
  readonly status?: RegExp;
  /** Basic codes; an empty list is any, none at all is any refusal for good: class 5 of the status, or 5xx without one. */
  readonly codes?: readonly number[];
  readonly stages?: readonly SmtpStage[];
  /** In the server's text, where the codes alone mean several things. */
  readonly text?: RegExp;
  readonly type: Extract<FailureType, 'ConnectionBroken' | 'Rejected' | 'RateLimited' | 'Unavailable'>;
  /** One message: the next one may be taken. Else the account, or the server, is the matter. */
  readonly about: 'message' | 'account';
  readonly waitMs?: number;
  /** For people: follows "The SMTP server ". */
  readonly says: string;
  /** For people: which answers, as docs show them. */
  readonly shown: string;
}

const HOUR_MS = 3_600_000;

const QUOTA = 'has taken as much of this account as it allows for now; it is tried again in an hour';
const BLOCKED = 'does not let this account send, or not as this sender; correct `from`, or ask the provider';
const SIGN_IN = "wants another sign-in; correct the connection's username, credentials or security";

/**
 * Refusals by class and detail of RFC 3463 (registered: RFC 5248, iana.org "SMTP Enhanced Status Codes"), where a server gives
 * them; else by the basic code (RFC 5321 4.2, RFC 4954 6) and the stage. Sources for the codes of providers:
 * [G] support.google.com/a/answer/3726730; [M] learn.microsoft.com "Fix NDR errors", "smtp-submission-improvements",
 * "continuous-error-throttling-smtp-auth-submissions"; [B] Microsoft's end of basic authentication (MC786329).
 */
export const smtpRules: readonly SmtpRule[] = [
  // The quota of the account. [G] 5.4.5 a day (4.4.5: the server is busy, which passes); [M] 5.1.90, 5.2.0, 5.7.232, 5.7.233 a day; 5.2.251 to 5.2.255 for a while.
  {
    status: /^[45]\.2\.252$/,
    text: /SendAsDenied/i,
    type: 'ConnectionBroken',
    about: 'account',
    says: BLOCKED,
    shown: '5.2.252 `SendAsDenied`',
  },
  {
    status: /^(?:5\.4\.5|[45]\.(?:1\.90|2\.25[1-5]|7\.23[23]))$/,
    codes: [],
    type: 'RateLimited',
    about: 'account',
    waitMs: HOUR_MS,
    says: QUOTA,
    shown: '5.4.5, 5.1.90, 5.2.251 to 5.2.255, 5.7.232, 5.7.233: a quota of the account',
  },
  {
    status: /^[45]\.2\.0$/,
    codes: [],
    text: /quota/i,
    type: 'RateLimited',
    about: 'account',
    waitMs: HOUR_MS,
    says: QUOTA,
    shown: '5.2.0 that names a quota',
  },
  // [M] More connections at once than it allows.
  {
    status: /^4\.3\.2$/,
    codes: [432],
    type: 'RateLimited',
    about: 'account',
    waitMs: 60_000,
    says: 'allows fewer at the same time; it is tried again in a minute. Lower --max-in-flight of the connection',
    shown: '432 4.3.2: too many at once',
  },
  // A temporary enhanced status counts, with any basic code.
  {
    status: /^4\./,
    codes: [],
    type: 'Unavailable',
    about: 'message',
    says: 'does not take the message now; it is tried again',
    shown: 'any other 4.x.x, also after 5xx',
  },
  // The recipient's mailbox, or, where [M] says that it was submitting, that of the sender.
  {
    status: /^5\.2\.2$/,
    text: /STOREDRV\.Submission/i,
    type: 'Unavailable',
    about: 'account',
    waitMs: HOUR_MS,
    says: "says that the account's mailbox is full; make room in it. It is tried again in an hour",
    shown: '5.2.2 that names `STOREDRV.Submission`: the mailbox of the account is full',
  },
  {
    status: /^5\.2\.2$/,
    type: 'Unavailable',
    about: 'message',
    waitMs: HOUR_MS,
    says: "says that the recipient's mailbox is full; it is tried again in an hour",
    shown: '5.2.2: a full mailbox of the recipient',
  },
  // Sign-in. [B] 5.7.30 and 5.7.139: passwords are switched off, or SMTP is, for a mailbox or for all.
  {
    status: /^5\.7\.139$/,
    text: /SmtpClientAuthentication/i,
    type: 'ConnectionBroken',
    about: 'account',
    says: 'takes no sign-in of this mailbox: have SmtpClientAuthentication enabled for it, then mend the connection',
    shown: '5.7.139 that names `SmtpClientAuthentication`: SMTP is off for the mailbox',
  },
  {
    status: /^5\.7\.(?:30|139)$/,
    type: 'ConnectionBroken',
    about: 'account',
    says: 'takes no passwords of this account (basic authentication is off): sign in by OAuth, or have it switched on',
    shown: '5.7.30, 5.7.139: basic authentication is off',
  },
  {
    codes: [530, 534, 535, 538],
    type: 'ConnectionBroken',
    about: 'account',
    says: SIGN_IN,
    shown: '530, 534, 535, 538; 5.7.3, 5.7.8, 5.7.9, 5.7.11, 5.7.57: another sign-in, or TLS',
  },
  { status: /^5\.7\.(?:3|8|9|11|57)$/, type: 'ConnectionBroken', about: 'account', says: SIGN_IN, shown: '' },
  // The sender. [M] 5.1.8, 5.7.501 to 5.7.503, 5.7.705, 5.7.708 blocked; 5.7.54, 5.7.60, 5.7.64 not allowed.
  {
    status: /^5\.(?:1\.[78]|7\.(?:54|60|64|50[1-3]|70[58]))$/,
    type: 'ConnectionBroken',
    about: 'account',
    says: BLOCKED,
    shown: '5.1.7, 5.1.8, 5.7.54, 5.7.60, 5.7.64, 5.7.501 to 5.7.503, 5.7.705, 5.7.708: this sender, or the account',
  },
  // The message: too large, or of a kind that is not taken. 552 to MAIL answers its SIZE (RFC 1870).
  {
    status: /^5\.(?:2\.3|3\.4|6\.\d+)$/,
    type: 'Rejected',
    about: 'message',
    says: 'refuses the message for its size or kind',
    shown: '5.2.3, 5.3.4, 5.6.x; 552, 555 to MAIL: size or kind of the message',
  },
  {
    codes: [552, 555],
    stages: ['MAIL'],
    type: 'Rejected',
    about: 'message',
    says: 'refuses the message for its size or kind',
    shown: '',
  },
  // The server: full, closing, wrongly set up; its directory or a server behind it does not answer.
  {
    status: /^5\.(?:3\.[125]|4\.[237])$/,
    type: 'Unavailable',
    about: 'account',
    says: 'is not well itself; it is tried again',
    shown: '5.3.1, 5.3.2, 5.3.5, 5.4.2, 5.4.3, 5.4.7: the server itself',
  },
  // 552 without more: "exceeded storage allocation" of the recipient.
  {
    codes: [552],
    stages: ['RCPT'],
    type: 'Unavailable',
    about: 'message',
    waitMs: HOUR_MS,
    says: "says that the recipient's mailbox is full; it is tried again in an hour",
    shown: '',
  },
  // 503 is about the order of commands: another session may do.
  {
    codes: [503],
    type: 'Unavailable',
    about: 'message',
    says: 'has lost its place in the session; it is tried again',
    shown: '503',
  },
  // All other 5xx, by the stage: an answer before the recipient would be given to every mail of the account.
  {
    stages: ['greeting', 'EHLO'],
    type: 'ConnectionBroken',
    about: 'account',
    says: 'serves no client from here; ask its administrator why, then mend the connection',
    shown: 'any other 5xx to the connection or EHLO',
  },
  {
    stages: ['STARTTLS', 'AUTH'],
    type: 'ConnectionBroken',
    about: 'account',
    says: "cannot be used with this account; correct the connection's server, security or credentials",
    shown: 'any other 5xx to STARTTLS or sign-in',
  },
  {
    stages: ['MAIL'],
    type: 'ConnectionBroken',
    about: 'account',
    says: BLOCKED,
    shown: 'any other 5xx to the sender (MAIL)',
  },
  {
    type: 'Rejected',
    about: 'message',
    says: 'refuses the message for good; correct the recipient or the connection, then send it again',
    shown: 'any other 5xx to a recipient or a message',
  },
];

import type { NodemailerError } from 'nodemailer';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { isAscii } from '../../../events/address';
import type { Dial } from '../../http/dial';
import type { FindToken } from './access-tokens';
import { portOf, type EmailAccount } from './account';
import { credentialsOf } from './credentials';
import { signIn, type SignIn } from './sign-in';
import { ENDED } from '../../ended';

/** Silence after which a connection is given up, except for the answer to a whole message. */
const SILENCE_MS = 30_000;

/** One message to one recipient. */
export interface SmtpMessage {
  readonly from: string;
  readonly to: string;
  readonly content: Readable;
  /** Ends the send, but no longer once all is sent. */
  readonly signal: AbortSignal;
  /**
   * Called just before the end of the message goes out: from then on the server may have taken it. Until then it cannot.
   *
   * @returns the function that ends the wait for the answer
   */
  readonly onSent: () => AbortSignal;
}

/** How servers are reached. */
export interface SmtpNetwork {
  readonly dial: Dial;
  /** Certificate (PEM) to trust instead of Node's own. */
  readonly ca?: string | undefined;
}

/** Thrown for an address with other than ASCII letters before its @, where the server does not offer SMTPUTF8. */
export class NeedsUtf8 extends Error {
  override readonly name = 'NeedsUtf8';
}

/** A connection to an SMTP server, signed in where the account says so. TLS is demanded, unless the configuration says `none`. */
export class SmtpSession {
  private readonly connection: SMTPConnection;

  private constructor(connection: SMTPConnection) {
    this.connection = connection;
  }

  static async open(
    account: EmailAccount,
    findToken: FindToken,
    network: SmtpNetwork,
    signal: AbortSignal,
  ): Promise<SmtpSession> {
    const open = (signIn?: SignIn): Promise<SmtpSession> => SmtpSession.begin(account, network, signal, signIn);
    const credentials = credentialsOf(account);
    return credentials === undefined ? await open() : await signIn(credentials, findToken, open);
  }

  private static async begin(
    account: EmailAccount,
    { dial, ca }: SmtpNetwork,
    signal: AbortSignal,
    signIn?: SignIn,
  ): Promise<SmtpSession> {
    const socket = await dial(account.config.host, portOf(account.config), signal);
    const connection = new SMTPConnection({ ...connectionOptions(account, ca), connection: socket });
    connection.on('error', () => {}); // the call that waits for an answer gets the error
    const failed = failureOf(connection, signal);
    try {
      await Promise.race([failed.promise, ask((done) => connection.connect(done))]);
      if (signIn !== undefined) await Promise.race([failed.promise, ask((done) => connection.login(signIn, done))]);
      return new SmtpSession(connection);
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      failed.stop();
    }
  }

  /** False once it has ended, from either side. */
  get isOpen(): boolean {
    const { destroyed, _socket: socket } = this.connection;
    return !destroyed && socket !== false && socket?.writable === true;
  }

  /** True where the server takes addresses in any script (RFC 6531). */
  private get takesUtf8(): boolean {
    // nodemailer keeps the answer to EHLO there, and leaves it out of its types.
    const { _supportedExtensions: offered } = this.connection as unknown as { _supportedExtensions: readonly string[] };
    return offered.includes('SMTPUTF8');
  }

  /** Version of TLS; null = plain text. */
  get tlsVersion(): string | null {
    const socket = this.connection._socket;
    return socket instanceof TLSSocket ? socket.getProtocol() : null;
  }

  /**
   * @returns the server's acceptance
   * @throws NodemailerError; with `sent: true` when the server may have taken the message, and has not said so
   * @throws NeedsUtf8 for a recipient whom the server cannot be told
   */
  async send({ from, to, content, signal, onSent }: SmtpMessage): Promise<string> {
    const { connection } = this;
    if (!isAscii(to) && !this.takesUtf8) {
      content.destroy();
      throw new NeedsUtf8();
    }
    let sent = false;
    const ending = new AbortController();
    const abort = (): void => ending.abort();
    let given: AbortSignal = signal;
    const follow = (next: AbortSignal): void => {
      given.removeEventListener('abort', abort);
      given = next;
      given.addEventListener('abort', abort, { once: true });
      if (given.aborted) abort();
    };
    content.once('end', () => {
      sent = true;
      follow(onSent());
      this.setSilence(0);
    });
    follow(signal);
    const failed = failureOf(connection, ending.signal);
    try {
      return await Promise.race([failed.promise, ask<string>((done) => this.sendWhole(from, to, content, done))]);
    } catch (error) {
      content.destroy();
      if (asError(error).code === 'EPROTOCOL') Object.assign(asError(error), { command: 'SESSION' }); // no greeting
      this.setSilence(SILENCE_MS);
      await this.endMessage(error, failed.promise);
      throw isAnswer(error) || !sent ? error : Object.assign(asError(error), { sent });
    } finally {
      failed.stop();
      given.removeEventListener('abort', abort);
      this.setSilence(SILENCE_MS);
    }
  }

  /** Says goodbye. */
  quit(): void {
    if (this.isOpen) this.connection.quit();
    else this.connection.close();
  }

  close(): void {
    this.connection.close();
  }

  private sendWhole(from: string, to: string, content: Readable, done: Done<string>): void {
    this.connection.send({ from, to: [to] }, content, (error, info) => done(error, info?.response));
  }

  /** Where the server has refused the message, it listens to the next; in every other case the connection is over. */
  private async endMessage(error: unknown, failed: Promise<never>): Promise<void> {
    const { connection } = this;
    const { code } = asError(error);
    const isRefused = (code === 'EENVELOPE' || code === 'EMESSAGE') && isAnswer(error) && this.isOpen;
    const reset = isRefused ? Promise.race([failed, ask((done) => connection.reset(done))]) : Promise.reject(error);
    await reset.catch(() => connection.close());
  }

  private setSilence(ms: number): void {
    const socket = this.connection._socket;
    if (socket !== false) socket?.setTimeout(ms);
  }
}

function connectionOptions(account: EmailAccount, ca: string | undefined) {
  const { host, security } = account.config;
  return {
    host,
    port: portOf(account.config),
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: SILENCE_MS,
    dnsTimeout: 10_000,
  } as const;
}

/** Every field is optional, and nodemailer throws objects only. */
const asError = (error: unknown): NodemailerError => error as NodemailerError;

/** True for an error that holds the server's answer to the command. */
const isAnswer = (error: unknown): boolean => {
  const { responseCode = 0 } = asError(error);
  return responseCode >= 400 && responseCode < 600;
};

/** Rejects when the connection ends or the signal is aborted. */
function failureOf(connection: SMTPConnection, signal: AbortSignal) {
  const listening = new AbortController();
  const promise = new Promise<never>((_, reject) => {
    const onError = (error: Error): void => reject(error);
    const onEnd = (): void => void setImmediate(() => reject(withCode('ECONNECTION'))); // unless there is a reason
    const onAbort = (): void => reject(withCode('EABORT'));
    connection.on('error', onError);
    connection.on('end', onEnd);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    listening.signal.addEventListener('abort', () => {
      connection.off('error', onError);
      connection.off('end', onEnd);
      signal.removeEventListener('abort', onAbort);
    });
  });
  promise.catch(() => {}); // when nothing waits for it any more
  return { promise, stop: () => listening.abort(ENDED) };
}

type Done<T> = (error?: Error | null, value?: T) => void;

const ask = <T>(step: (done: Done<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => step((error, value) => (error ? reject(error) : resolve(value as T)))); // no error: the value

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

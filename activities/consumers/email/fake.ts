import { createSign, generateKeyPairSync } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { replies } from './fake/replies';

/** Instead of an acceptance: an answer such as `550 5.1.1`, no answer, or an end of the connection. */
export type Fault = Answer | 'drop' | 'stall';
type Answer = `${number} ${string}`;

/** Asked each time; undefined = all goes well. May be changed while the server runs. */
export interface Faults {
  connect?: () => Fault | undefined;
  auth?: () => Answer | undefined;
  sender?: () => Answer | undefined;
  recipient?: (address: string) => Fault | undefined;
  /** Before the message is read. */
  beforeData?: (to: string) => 'drop' | undefined;
  /** After the message was read and kept. */
  data?: (to: string, raw: Buffer) => Fault | undefined;
}

export interface SmtpServerOptions {
  /** `starttls` is offered, TLS is there from the first byte, or there is none; default `starttls`. */
  readonly security?: 'starttls' | 'tls' | 'none';
  /** Whether SMTPUTF8 is offered, for addresses in any script; default true. */
  readonly utf8?: boolean;
  /** The account that may sign in; without it and `tokens` no client has to. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Takes XOAUTH2. A token that does not hold is answered with a challenge first, as Gmail does, or refused, as Microsoft does. */
  readonly tokens?: { readonly check: TokenCheck; readonly refusal: 'challenge' | Answer };
  /** Of a certificate of its own; default: the certificate `fakeCa`. */
  readonly validUntil?: Date;
  /** Default: any free one. */
  readonly port?: number;
}

/** Whether a token lets its holder send by a mailbox. */
export type TokenCheck = (mailbox: string, token: string) => boolean;

/** A message as it came in, with any answer. */
export interface Arrival {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
  readonly tls: boolean;
  readonly user: string | null;
  /** Counts connections, from 1. */
  readonly connection: number;
}

export type FakeSmtpServer = Awaited<ReturnType<typeof startSmtpServer>>;

/** The certificate of every server without a `validUntil` of its own. */
const identity = selfSigned(new Date('2040-01-01'));
/** Certificate (PEM) to trust. */
export const fakeCa = identity.cert;

/** A real SMTP server on 127.0.0.1 that keeps every message and fails as it is told. */
export async function startSmtpServer({
  security = 'starttls',
  utf8 = true,
  user,
  tokens,
  validUntil,
  port: wanted = 0,
}: SmtpServerOptions = {}) {
  const arrivals: Arrival[] = [];
  const logins: { readonly name: string; readonly tls: boolean }[] = [];
  const faults: Faults = {};
  const connections = new Map<string, number>();
  const held = new Map<string, (error?: Error) => void>();
  const changes = new EventEmitter();
  const { key, cert } = validUntil === undefined ? identity : selfSigned(validUntil);
  const drop = (session: SMTPServerSession): void => {
    for (const { session: open, _socket: socket } of server.connections) if (open.id === session.id) socket.destroy();
  };
  const hold = (session: SMTPServerSession, done: (error?: Error) => void): void => {
    held.set(session.id, done);
    changes.emit('stalled');
  };
  /** Acts out a fault. */
  const apply = (fault: Fault | undefined, session: SMTPServerSession, done: (error?: Error) => void): void => {
    if (fault === 'drop') drop(session);
    else if (fault === 'stall') hold(session, done);
    else done(fault === undefined ? undefined : answer(fault));
  };
  const server = new SMTPServer({
    key,
    cert,
    secure: security === 'tls',
    disabledCommands: [
      ...(security === 'none' ? ['STARTTLS'] : []),
      ...(user === undefined && tokens === undefined ? ['AUTH'] : []),
    ],
    authMethods: [...(user === undefined ? [] : ['PLAIN', 'LOGIN']), ...(tokens === undefined ? [] : ['XOAUTH2'])],
    allowInsecureAuth: true,
    hideENHANCEDSTATUSCODES: true,
    hideSMTPUTF8: !utf8,
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect(session, done) {
      connections.set(session.id, connections.size + 1);
      apply(faults.connect?.(), session, done);
    },
    onAuth({ method, username = '', password, accessToken = '' }, session, done) {
      logins.push({ name: username, tls: session.secure });
      const fault = faults.auth?.();
      if (fault !== undefined) done(answer(fault));
      else if (method === 'XOAUTH2') {
        if (tokens?.check(username, accessToken)) done(null, { user: username });
        else if (tokens?.refusal === 'challenge') done(null, { data: { status: '400', schemes: 'Bearer' } });
        else done(answer(tokens?.refusal ?? replies.tokenRefused.status));
      } else if (username === user?.name && password === user.password) done(null, { user: username });
      else done(answer(replies.wrongPassword.status));
    },
    onMailFrom(_, session, done) {
      apply(faults.sender?.(), session, done);
    },
    onRcptTo({ address }, session, done) {
      apply(faults.recipient?.(address), session, done);
    },
    onData(stream, session, done) {
      const { mailFrom, rcptTo } = session.envelope;
      const to = rcptTo.map(({ address }) => address);
      if (faults.beforeData?.(to.join()) === 'drop') return drop(session);
      const taken = buffer(stream).then((raw) => {
        const from = mailFrom ? mailFrom.address : '';
        const connection = connections.get(session.id) ?? 0;
        arrivals.push({ from, to, raw, tls: session.secure, user: session.user ?? null, connection });
        apply(faults.data?.(to.join(), raw), session, done);
      });
      taken.catch(() => {}); // the client has gone in the middle: that was no message
    },
  });
  server.onClose = ({ id }) => {
    if (held.delete(id)) changes.emit('abandoned');
  };
  // A client that goes away in the middle is part of the game.
  server.on('error', () => {});
  server.listen(wanted, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo; // it listens on TCP
  return {
    host: '127.0.0.1',
    port,
    /** Certificate to trust. */
    ca: cert,
    faults,
    arrivals,
    /** Every attempt to sign in. */
    logins,
    connections: (): number => connections.size,
    /** Ends every connection, as a server does that is restarted. */
    endConnections(): void {
      for (const { _socket: socket } of server.connections) socket.destroy();
    },
    /** Resolves when a client waits for an answer that is held back. */
    async stalled(): Promise<void> {
      if (held.size === 0) await once(changes, 'stalled');
    },
    /** Resolves when no client waits for one any more. */
    async abandoned(): Promise<void> {
      while (held.size > 0) await once(changes, 'abandoned');
    },
    /** Gives the answers that were held back; without a fault each message is accepted. */
    release(fault?: Answer): void {
      for (const go of held.values()) go(fault && answer(fault));
      held.clear();
    },
    async close(): Promise<void> {
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

const answer = (text: Answer): Error =>
  Object.assign(new Error(`${text.slice(4)} scripted refusal`.trim()), { responseCode: Number(text.slice(0, 3)) });

/** A certificate (PEM) for localhost and 127.0.0.1 that signs itself, with its key: X.509 in DER, as Node makes none. */
function selfSigned(validUntil: Date): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = (tag: number, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
    return Buffer.concat([Buffer.from([tag, ...size]), body]);
  };
  const hex = (text: string): Buffer => Buffer.from(text, 'hex');
  const time = (at: Date): Buffer => der(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]|\.\d+/g, '')}`));
  const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
  const ecdsaWithSha256 = sequence(hex('06082a8648ce3d040302'));
  const name = sequence(der(0x31, sequence(hex('0603550403'), der(0x0c, Buffer.from('localhost')))));
  const alternatives = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const content = sequence(
    der(0xa0, hex('020102')), // version 3
    hex('020101'), // serial number
    ecdsaWithSha256,
    name,
    sequence(time(new Date('2020-01-01')), time(validUntil)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(hex('0603551d11'), der(0x04, alternatives)))),
  );
  const signature = createSign('sha256').update(content).sign(privateKey);
  const certificate = sequence(content, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

import { createHash } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { createTransport, type SMTPPoolOptions } from 'nodemailer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { credentialsOf, portOf, type EmailAccount } from './account';

/** Accounts to which connections are kept open at the same time. */
const MOST_POOLS = 50;

export type SmtpTransport = ReturnType<typeof openPool>;

interface Pool {
  readonly transport: SmtpTransport;
  /** Of the account as it was when the pool was opened. */
  readonly hash: string;
  users: number;
}

/**
 * Connections to SMTP servers that are used again, by account. They close when they are idle for half a minute, and when
 * their account has changed.
 *
 * @param ca certificate (PEM) to trust instead of Node's own
 */
export function createSmtpPools(ca?: string) {
  const pools = new Map<string, Pool>();

  function find(connectionId: string, account: EmailAccount): Pool {
    const hash = createHash('sha256').update(JSON.stringify(account)).digest('hex');
    const known = pools.get(connectionId);
    const pool = known?.hash === hash ? known : { transport: openPool(account, ca), hash, users: 0 };
    pools.delete(connectionId); // and put it last: the first is the one that was not used for longest
    if (known !== undefined && known !== pool) retire(known);
    pools.set(connectionId, pool);
    const [oldest] = pools;
    if (pools.size > MOST_POOLS && oldest !== undefined) {
      pools.delete(oldest[0]);
      retire(oldest[1]);
    }
    return pool;
  }

  /** Those who still use it finish first. */
  function retire(pool: Pool): void {
    if (pool.users === 0) pool.transport.close();
  }

  return {
    async use<T>(
      connectionId: string,
      account: EmailAccount,
      work: (transport: SmtpTransport) => Promise<T>,
    ): Promise<T> {
      const pool = find(connectionId, account);
      pool.users++;
      try {
        return await work(pool.transport);
      } finally {
        pool.users--;
        if (pools.get(connectionId) !== pool) retire(pool);
      }
    },
    /** Ends every connection, also those that are sending. */
    close(): void {
      for (const { transport } of pools.values()) transport.transporter.close?.({ force: true });
      pools.clear();
    },
  };
}

/** TLS is demanded, so that credentials and mails never travel readable, unless the configuration says `none`. */
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
    socketTimeout: 30_000,
    dnsTimeout: 10_000,
  } as const satisfies SMTPPoolOptions;
}

function openPool(account: EmailAccount, ca: string | undefined) {
  const auth = credentialsOf(account);
  return createTransport({
    ...connectionOptions(account, ca),
    ...(auth !== undefined && { auth, forceAuth: true }),
    pool: true,
    maxConnections: 5,
    maxRequeues: 1,
    idleTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/**
 * Connects and signs in, and leaves again.
 *
 * @returns the version of TLS; null = plain text
 */
export async function signIn(
  account: EmailAccount,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<string | null> {
  const auth = credentialsOf(account);
  const connection = new SMTPConnection(connectionOptions(account, ca));
  const failed = new Promise<never>((_, reject) => {
    connection.on('error', reject);
    connection.once('end', () => reject(withCode('ECONNECTION')));
    const stop = (): void => reject(withCode('EABORT'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([failed, ask((done) => connection.connect(done))]);
    if (auth !== undefined) await Promise.race([failed, ask((done) => connection.login({ credentials: auth }, done))]);
    const socket = connection._socket;
    const protocol = socket instanceof TLSSocket ? socket.getProtocol() : null;
    connection.quit();
    return protocol;
  } catch (error) {
    connection.close();
    throw error;
  }
}

const ask = (step: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => step((error) => (error ? reject(error) : resolve())));

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

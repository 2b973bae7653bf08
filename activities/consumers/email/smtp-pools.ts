import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { SendRequest } from '../../consumer';
import type { AccessTokens } from './access-tokens';
import type { EmailAccount } from './account';
import { SmtpSession, type SmtpMessage, type SmtpNetwork } from './smtp-session';

/** Accounts to which connections are kept open at the same time. */
const MOST_POOLS = 50;
/** A connection that is not used for so long says goodbye. */
const IDLE_MS = 30_000;

interface Pool {
  /** Of the account as it was when the pool was opened. */
  readonly hash: string;
  /** Each with the timer that ends it when it is idle for too long; the last was used last. */
  readonly idle: Map<SmtpSession, NodeJS.Timeout>;
  readonly busy: Set<SmtpSession>;
}

/** Whose message it is. */
interface Sender extends Pick<SendRequest, 'connectionId' | 'connectionEdition' | 'signIn'> {
  readonly account: EmailAccount;
}

/** Makes a message anew, as its content can be read once. */
export type OpenMessage = () => SmtpMessage;

/**
 * Connections to SMTP servers that are used again, by account. They close when they are idle for half a minute, and when their
 * account has changed. How many there are at once follows from how many sends the connection's limits allow.
 */
export function createSmtpPools(network: SmtpNetwork, tokens: Pick<AccessTokens, 'of'>) {
  const pools = new LRUCache<string, Pool>({ max: MOST_POOLS, dispose: endIdle });

  function find(connectionId: string, account: EmailAccount): Pool {
    const hash = createHash('sha256').update(JSON.stringify(account)).digest('hex');
    const known = pools.get(connectionId);
    if (known?.hash === hash) return known;
    const pool: Pool = { hash, idle: new Map(), busy: new Set() };
    pools.set(connectionId, pool);
    return pool;
  }

  function giveBack(connectionId: string, pool: Pool, session: SmtpSession): void {
    pool.busy.delete(session);
    if (!session.isOpen || pools.peek(connectionId) !== pool) return session.quit();
    const end = (): void => {
      pool.idle.delete(session);
      session.quit();
    };
    pool.idle.set(session, setTimeout(end, IDLE_MS).unref());
  }

  return {
    /**
     * Sends a message. Where the connection ends before anything of it was sent, it is sent by another one: the server may have
     * closed one that was idle.
     *
     * @returns the server's acceptance
     * @throws NodemailerError as SmtpSession does
     */
    async send(sender: Sender, open: OpenMessage): Promise<string> {
      const { account } = sender;
      const connectionId = sender.connectionId ?? '';
      const findToken = tokens.of(sender);
      const pool = find(connectionId, account);
      for (let isAgain = false; ; isAgain = true) {
        const message = open();
        const session = takeIdle(pool);
        try {
          return await sendBy(
            session ?? (await SmtpSession.open(account, findToken, network, message.signal)),
            message,
          );
        } catch (error) {
          if (isAgain || !isEndOfConnection(error, session !== undefined) || message.content.readableDidRead)
            throw error;
        }
      }

      async function sendBy(session: SmtpSession, message: SmtpMessage): Promise<string> {
        pool.busy.add(session);
        try {
          return await session.send(message);
        } finally {
          giveBack(connectionId, pool, session);
        }
      }
    },
    /** Ends every connection, also those that are sending. */
    close(): void {
      for (const { busy } of pools.values()) for (const session of busy) session.close();
      pools.clear();
    },
  };
}

function takeIdle({ idle }: Pool): SmtpSession | undefined {
  for (const [session, timer] of [...idle].reverse()) {
    clearTimeout(timer);
    idle.delete(session);
    if (session.isOpen) return session;
    session.close();
  }
  return undefined;
}

function endIdle({ idle }: Pool): void {
  for (const [session, timer] of idle) {
    clearTimeout(timer);
    session.quit();
  }
  idle.clear();
}

/** True when the connection has ended without a word; an idle one may also have been reset, or told so. */
function isEndOfConnection(error: unknown, wasIdle: boolean): boolean {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  if (responseCode !== undefined && responseCode !== 421) return false;
  return wasIdle
    ? code === 'ECONNECTION' || code === 'ESOCKET' || responseCode === 421
    : code === 'ECONNECTION' && responseCode === undefined;
}

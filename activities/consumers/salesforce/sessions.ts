import { createHash } from 'node:crypto';
import type { Dispatcher } from 'undici';
import type { KeepSecrets } from '../../consumer';
import type { SalesforceAccount } from './account';
import type { ObjectDescription } from './describe';
import { signIn, type Token } from './sign-in';

/** Orgs that are remembered at the same time. */
const MOST_SESSIONS = 200;

/** What is known of an org: the token that all deliveries of a connection share, and its objects. */
export interface Session {
  /** Signs in where nobody has, or where `refused` is still the token; one sign-in serves all who ask meanwhile. */
  token(account: SalesforceAccount, keepSecrets: KeepSecrets, refused?: Token): Promise<Token>;
  readonly objects: Map<string, { readonly description: ObjectDescription; readonly readAt: number }>;
}

/** The sessions of a worker, by connection; a new one begins when the account was changed. */
export function createSessions(dispatcher: Dispatcher) {
  const sessions = new Map<string, { readonly session: Session; readonly hash: string }>();
  return {
    /** @param connectionId undefined: a session of its own, for a check */
    of(connectionId: string | undefined, account: SalesforceAccount): Session {
      if (connectionId === undefined) return createSession(dispatcher);
      // A replaced refresh token is no new account.
      const { refreshToken: _, ...secrets } = account.secrets;
      const hash = createHash('sha256')
        .update(JSON.stringify([account.config, secrets]))
        .digest('hex');
      const known = sessions.get(connectionId);
      const entry = known?.hash === hash ? known : { session: createSession(dispatcher), hash };
      sessions.delete(connectionId); // and put it last: the first is the one that was not used for longest
      sessions.set(connectionId, entry);
      const [oldest] = sessions.keys();
      if (sessions.size > MOST_SESSIONS && oldest !== undefined) sessions.delete(oldest);
      return entry.session;
    },
  };
}

function createSession(dispatcher: Dispatcher): Session {
  let current: Promise<Token> | undefined;
  let known: Token | undefined;
  /** The refresh token that was replaced last, and by what: a delivery that was loaded before has the old one. */
  let replaced: { readonly old: string | undefined; readonly by: string } | undefined;

  async function begin(account: SalesforceAccount, keepSecrets: KeepSecrets): Promise<Token> {
    const { refreshToken } = account.secrets;
    const isOld = refreshToken !== undefined && refreshToken === replaced?.old;
    const secrets = isOld ? { ...account.secrets, refreshToken: replaced?.by } : account.secrets;
    known = await signIn(dispatcher, { ...account, secrets }, async (fresh) => {
      const { refreshToken: by } = fresh;
      if (by !== undefined) replaced = { old: secrets.refreshToken, by };
      await keepSecrets(fresh);
    });
    return known;
  }

  return {
    objects: new Map(),
    async token(account, keepSecrets, refused) {
      if (refused !== undefined && refused === known) current = known = undefined;
      const signingIn = (current ??= begin(account, keepSecrets));
      try {
        return await signingIn;
      } catch (error) {
        if (current === signingIn) current = undefined;
        throw error;
      }
    },
  };
}

import { createHash } from 'node:crypto';
import type { KeepSecrets } from '../../consumer';
import type { GuardedAgent } from '../../http/guard';
import type { SalesforceAccount } from './account';
import type { ObjectDescription } from './describe';
import { signIn, type Token } from './sign-in';

/** Orgs that are remembered at the same time. */
const MOST_SESSIONS = 200;
/** An administrator's change is seen after so long, at the latest. */
const FRESH_FOR_MS = 60_000;

/** What is known of an org: the token that all deliveries of a connection share, and its objects. */
export interface Session {
  /** Signs in where nobody has, or where `refused` is still the token; one sign-in serves all who ask meanwhile. */
  token(account: SalesforceAccount, keepSecrets: KeepSecrets, refused?: Token): Promise<Token>;
  readonly objects: Map<string, { readonly description: ObjectDescription; readonly readAt: number }>;
  /** Forgets what was read a while ago. @returns false when there is nothing of it */
  forgetObjects(): boolean;
}

/** The sessions of a worker, by connection; a new one begins when the account was changed. */
export function createSessions(dispatcher: GuardedAgent) {
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

function createSession(dispatcher: GuardedAgent): Session {
  let current: Promise<Token> | undefined;
  let known: Token | undefined;
  /** Refresh tokens that were replaced, and the last one: a delivery that was loaded before has an older one. */
  const replaced = new Set<string | undefined>();
  let latest: string | undefined;

  async function begin(account: SalesforceAccount, keepSecrets: KeepSecrets): Promise<Token> {
    const { refreshToken } = account.secrets;
    const secrets = replaced.has(refreshToken) ? { ...account.secrets, refreshToken: latest } : account.secrets;
    known = await signIn(dispatcher, { ...account, secrets }, async (fresh) => {
      replaced.add(secrets.refreshToken);
      latest = fresh;
      await keepSecrets({ refreshToken: fresh }, (now) => replaced.has(now['refreshToken']));
    });
    return known;
  }

  const objects: Session['objects'] = new Map();
  return {
    objects,
    forgetObjects() {
      const old = [...objects].filter(([, { readAt }]) => performance.now() - readAt > FRESH_FOR_MS);
      for (const [name] of old) objects.delete(name);
      return old.length > 0;
    },
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

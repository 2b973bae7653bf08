import { createRecent } from '../../connections/recent';
import type { KeepSecrets } from '../../consumer';
import type { GuardedAgent } from '../../http/guard';
import type { SalesforceAccount } from './account';
import type { ObjectDescription } from './describe';
import { signIn, type Token } from './sign-in';

/** Orgs that are remembered at the same time. */
const MOST_SESSIONS = 200;
/** An administrator's change is seen after so long, at the latest. */
const FRESH_FOR_MS = 60_000;
/** A session that may be of an org which has moved is replaced once in so long, as sign-ins are counted there. */
const DOUBTED_ONCE_MS = 60_000;

/** What is known of an org: the token that all deliveries of a connection share, and its objects. */
export interface Session {
  /** Signs in where nobody has, or where `refused` is still the token; one sign-in serves all who ask meanwhile. */
  token(account: SalesforceAccount, keepSecrets: KeepSecrets, refused?: Token): Promise<Token>;
  /**
   * The token's instance does not answer as it should: the next who asks signs in anew, and is told where the org is now.
   *
   * @returns milliseconds until that is done again; 0 where the next token is another one
   */
  doubt(token: Token): number;
  readonly objects: Map<string, { readonly description: ObjectDescription; readonly readAt: number }>;
  /** Forgets what was read a while ago. @returns false when there is nothing of it */
  forgetObjects(): boolean;
}

/** Whose session it is. */
interface Holder {
  readonly connectionId: string | null;
  readonly connectionEdition: number;
}

/** The sessions of a worker, by connection; a new one begins when an operator has changed or mended the connection. */
export function createSessions(dispatcher: GuardedAgent) {
  const sessions = createRecent<Session>(MOST_SESSIONS);
  return {
    of: ({ connectionId, connectionEdition }: Holder): Session =>
      sessions.of(`${connectionId}/${connectionEdition}`, () => createSession(dispatcher)),
    /** A session of its own, such as for a check. */
    alone: (): Session => createSession(dispatcher),
  };
}

function createSession(dispatcher: GuardedAgent): Session {
  let current: Promise<Token> | undefined;
  let known: Token | undefined;
  let doubtedAt = -Infinity;
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
    doubt(token) {
      if (token !== known) return 0;
      const waitMs = doubtedAt + DOUBTED_ONCE_MS - performance.now();
      if (waitMs > 0) return waitMs;
      doubtedAt = performance.now();
      current = known = undefined;
      return 0;
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

import { LRUCache } from 'lru-cache';
import { createSignIns } from '../../connections/sign-in-sessions';
import type { Renewed, SignIn, SignInStore, SignInToken } from '../../connections/sign-in';
import type { GuardedAgent } from '../../http/guard';
import type { SalesforceAccount, SalesforceSecrets } from './account';
import { DailyQuota } from './daily-quota';
import type { ObjectDescription } from './describe';
import { signIn, type Token } from './sign-in';

/** Orgs that are remembered at the same time. */
const MOST_SESSIONS = 200;
/** An administrator's change is seen after so long, at the latest. */
const FRESH_FOR_MS = 60_000;
/** A session that may be of an org which has moved is replaced once in so long, as sign-ins are counted there. */
const DOUBTED_ONCE_MS = 60_000;

/** An org: the token that all deliveries of a connection share, and the descriptions of its objects. */
export interface Session {
  /** Signs in where no delivery has, or where `refused` is still the token; one sign-in serves all deliveries that ask meanwhile. */
  token(store: SignInStore, refused?: Token): Promise<Token>;
  /**
   * The token's instance does not answer as it should: the next call of `token` signs in anew, and learns where the org is now.
   *
   * @returns milliseconds until that is done again; 0 where the next token is another one
   */
  doubt(token: Token): number;
  readonly quota: DailyQuota;
  readonly objects: Map<string, { readonly description: ObjectDescription; readonly readAt: number }>;
  /** Forgets descriptions that were read a minute ago or earlier. @returns false when there is none */
  forgetObjects(): boolean;
}

/** Whose session it is. */
interface Holder {
  readonly connectionId: string | null;
  readonly connectionEdition: number;
}

/** The sessions of a worker, by connection; a new one begins when an operator has changed or mended the connection. */
export function createSessions(dispatcher: GuardedAgent) {
  const signIns = createSignIns('Salesforce');
  const sessions = new LRUCache<string, Session, SalesforceAccount>({
    max: MOST_SESSIONS,
    memoMethod: (_key, _old, { context }) => open(context),
  });

  function open(account: SalesforceAccount, isAlone = false): Session {
    /** The answer to this worker's last sign-in: it has more than the stored token. */
    let own: Token | undefined;
    let doubtedAt = -Infinity;

    async function signInBy(stored: SignIn['secrets']): Promise<Renewed> {
      const secrets: SalesforceSecrets = stored; // its schema has read them before they were sealed
      const { token, refreshToken } = await signIn(dispatcher, { ...account, secrets });
      own = token;
      return { token: toStored(token), lastsMs: null, refreshToken, refreshLastsMs: null };
    }

    // A refresh token is good for one worker at a time; by the other flows each signs in on its own.
    const isShared = account.config.authorization === 'refreshToken';
    const secrets = account.secrets as Record<string, string>; // without those that are undefined: a schema has read them
    const tokens = signIns.open({ isShared, isAlone, secrets, signIn: signInBy });
    const objects: Session['objects'] = new Map();
    return {
      quota: new DailyQuota(),
      objects,
      forgetObjects() {
        const old = [...objects].filter(([, { readAt }]) => performance.now() - readAt > FRESH_FOR_MS);
        for (const [name] of old) objects.delete(name);
        return old.length > 0;
      },
      doubt({ accessToken }) {
        const waitMs = doubtedAt + DOUBTED_ONCE_MS - performance.now();
        if (waitMs > 0) return tokens.holds(accessToken) ? waitMs : 0;
        if (tokens.drop(accessToken)) doubtedAt = performance.now();
        return 0;
      },
      async token(store, refused) {
        const token = await tokens.token(store, refused?.accessToken);
        return own?.accessToken === token.accessToken ? own : fromStored(token);
      },
    };
  }

  return {
    of: (account: SalesforceAccount, { connectionId, connectionEdition }: Holder): Session =>
      sessions.memo(`${connectionId}/${connectionEdition}`, { context: account }),
    /** True, as for a check: a session of its own, which signs in although a token is stored. */
    alone: (account: SalesforceAccount): Session => open(account, true),
    settled: signIns.settled,
  };
}

const toStored = ({ accessToken, instanceUrl, identity }: Token): SignInToken => ({
  accessToken,
  instanceUrl,
  ...(identity !== null && { identity }),
});

/** As another worker has stored it. */
function fromStored({ accessToken, instanceUrl = '', identity }: SignInToken): Token {
  return { accessToken, instanceUrl, identity: identity ?? null, clockOffsetMs: 0, givenAt: -Infinity };
}

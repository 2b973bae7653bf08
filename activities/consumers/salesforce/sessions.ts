import { createRecent } from '../../connections/recent';
import { createRenewal } from '../../connections/renew-sign-in';
import { createSharedToken } from '../../connections/shared-token';
import type { Renewed, SignIn, SignInStore, SignInToken } from '../../consumer';
import type { GuardedAgent } from '../../http/guard';
import type { SalesforceAccount, SalesforceSecrets } from './account';
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
  /** Signs in where there is no token, or where `refused` is still the token; one sign-in serves all callers meanwhile. */
  token(account: SalesforceAccount, store: SignInStore, refused?: Token): Promise<Token>;
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
    /** A session of its own, which signs in even if others have a token, such as for a check. */
    alone: (): Session => createSession(dispatcher, true),
  };
}

function createSession(dispatcher: GuardedAgent, isAlone = false): Session {
  const findToken = createRenewal('Salesforce');
  const shared = createSharedToken<Token>();
  let known: Token | undefined;
  /** The last token that must not be used any more. */
  let over: Token | undefined;
  let doubtedAt = -Infinity;

  const drop = (token: Token): void => {
    over = token;
    known = undefined;
    shared.drop();
  };

  async function begin(account: SalesforceAccount, store: SignInStore): Promise<Token> {
    // A refresh token is good for one worker at a time; by the other flows each signs in on its own.
    known =
      account.config.authorization === 'refreshToken'
        ? await beginShared(account, store)
        : (await signIn(dispatcher, account)).token;
    return known;
  }

  async function beginShared(account: SalesforceAccount, store: SignInStore): Promise<Token> {
    const before = isAlone && over === undefined ? (await store.read()).token?.accessToken : over?.accessToken;
    let signedIn: Token | undefined;
    const refresh = async (stored: SignIn['secrets']): Promise<Renewed> => {
      const secrets: SalesforceSecrets = stored; // its schema has read them before they were sealed
      const { token, refreshToken } = await signIn(dispatcher, { ...account, secrets });
      signedIn = token;
      return { token: toStored(token), lastsMs: null, refreshToken, refreshLastsMs: null };
    };
    const { token } = await findToken({ store, refused: before, refresh });
    return signedIn !== undefined && signedIn.accessToken === token?.accessToken ? signedIn : fromStored(token);
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
      drop(token);
      return 0;
    },
    async token(account, store, refused) {
      if (refused !== undefined && refused === known) drop(refused);
      return await shared.find(() => begin(account, store));
    },
  };
}

const toStored = ({ accessToken, instanceUrl, identity }: Token): SignInToken => ({
  accessToken,
  instanceUrl,
  ...(identity !== null && { identity }),
});

/** As another worker was given it. */
function fromStored(token: SignInToken | null): Token {
  const { accessToken = '', instanceUrl = '', identity }: Partial<SignInToken> = token ?? {};
  return { accessToken, instanceUrl, identity: identity ?? null, clockOffsetMs: 0, givenAt: -Infinity };
}

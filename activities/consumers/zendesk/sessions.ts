import { asyncLocalStorage as activities, log } from '@temporalio/activity';
import { LRUCache } from 'lru-cache';
import { createSignIns } from '../../connections/sign-in-sessions';
import type { Renewed, SignInStore } from '../../connections/sign-in';
import type { GuardedAgent } from '../../http/guard';
import { credentialsOf, type ZendeskAccount, type ZendeskSecrets } from './account';
import { describeCredentials, type Lasts } from './describe-credentials';
import { signIn } from './sign-in';

/** Connections that are remembered at the same time. */
const MOST_SESSIONS = 1_000;

/** An account: how the worker signs in, and as which user. */
export interface Session {
  /** The header for the next request. A token that was `refused` is replaced, once for all deliveries that ask meanwhile. */
  authorization(store: SignInStore, refused?: string): Promise<string>;
  /** How often one delivery may have a refused token replaced: the token of another worker may be refused as well, a fresh one not. */
  readonly mostRenewals: 0 | 1 | 2;
  /** How long the token of the last sign-in lasts, in milliseconds; Infinity: not known. */
  lasts(): Lasts;
  /** The Zendesk user, once known. */
  authorId?: number;
}

/** Whose session it is. */
interface Holder {
  readonly connectionId: string | null;
  readonly connectionEdition: number;
}

/** The sessions of a worker, by connection; a new one begins when an operator has changed or mended the connection. */
export function createSessions(dispatcher: GuardedAgent) {
  const signIns = createSignIns('Zendesk');
  const sessions = new LRUCache<string, Session, ZendeskAccount>({
    max: MOST_SESSIONS,
    memoMethod: (_key, _old, { context }) => open(context),
  });

  /** @throws DeliveryFailure InvalidConfig when configuration and secrets do not belong together */
  function open(account: ZendeskAccount, isAlone = false): Session {
    const credentials = credentialsOf(account);
    if (credentials.kind === 'token') {
      warnOfEnd(account);
      return { authorization: async () => credentials.authorization, mostRenewals: 0, lasts: () => UNKNOWN };
    }
    const isShared = credentials.kind === 'refresh';
    let lasts = UNKNOWN;

    async function signInBy(secrets: ZendeskSecrets): Promise<Renewed> {
      const { accessToken, ...others } = await signIn(dispatcher, account.config, secrets);
      lasts = { tokenMs: others.lastsMs ?? Infinity, refreshTokenMs: others.refreshLastsMs ?? Infinity };
      return { token: { accessToken }, ...others };
    }

    const secrets = account.secrets as Record<string, string>; // without those that are undefined: a schema has read them
    const tokens = signIns.open({ isShared, isAlone, secrets, signIn: signInBy });
    return {
      mostRenewals: isShared ? 2 : 1,
      lasts: () => lasts,
      async authorization(store, refused) {
        const { accessToken } = await tokens.token(store, refused?.slice(BEARER.length));
        return `${BEARER}${accessToken}`;
      },
    };
  }

  return {
    of: (account: ZendeskAccount, { connectionId, connectionEdition }: Holder): Session =>
      sessions.memo(`${connectionId}/${connectionEdition}`, { context: account }),
    /** True, as for a check: a session of its own, which signs in although a token is stored. */
    alone: (account: ZendeskAccount): Session => open(account, true),
    settled: signIns.settled,
  };
}

const UNKNOWN: Lasts = { tokenMs: Infinity, refreshTokenMs: Infinity };
const BEARER = 'Bearer ';

function warnOfEnd(account: ZendeskAccount): void {
  if (activities.getStore() === undefined) return;
  log.warn(`A Zendesk connection signs in by a token that ends: ${describeCredentials(account)}`);
}

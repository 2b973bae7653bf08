import { asyncLocalStorage as activities, log } from '@temporalio/activity';
import { createRecent } from '../../connections/recent';
import { createRenewal } from '../../connections/renew-sign-in';
import { createSharedToken, renewedAfterMs } from '../../connections/shared-token';
import type { Renewed, SignInStore } from '../../consumer';
import type { GuardedAgent } from '../../http/guard';
import { credentialsOf, type ZendeskAccount, type ZendeskSecrets } from './account';
import { describeCredentials, type Lasts } from './describe-credentials';
import { signIn } from './sign-in';

/** Connections that are remembered at the same time. */
const MOST_SESSIONS = 1_000;

/** What is known of an account: how to sign in, and as whom. */
export interface Session {
  /** The header for the next request. A token that was `refused` is replaced, once for all who ask meanwhile. */
  authorization(store: SignInStore, refused?: string): Promise<string>;
  /** How often one delivery may have a token replaced that is refused: another worker's may be refused as well, a fresh one not. */
  readonly mostRenewals: 0 | 1 | 2;
  /** How long what was given lasts, in milliseconds; Infinity: not known. */
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
  const sessions = createRecent<Session>(MOST_SESSIONS);
  return {
    of: (account: ZendeskAccount, { connectionId, connectionEdition }: Holder): Session =>
      sessions.of(`${connectionId}/${connectionEdition}`, () => openSession(dispatcher, account)),
    /** A session of its own, which signs in even if others have a token, such as for a check. */
    alone: (account: ZendeskAccount): Session => openSession(dispatcher, account, true),
  };
}

interface Token {
  readonly authorization: string;
  /** By this process's monotonic clock, in milliseconds. */
  readonly renewedAt: number;
}

/** @throws DeliveryFailure InvalidConfig when configuration and secrets do not belong together */
function openSession(dispatcher: GuardedAgent, account: ZendeskAccount, isAlone = false): Session {
  const credentials = credentialsOf(account);
  if (credentials.kind === 'token') {
    warnOfEnd(account);
    return { authorization: async () => credentials.authorization, mostRenewals: 0, lasts: () => UNKNOWN };
  }
  const findToken = createRenewal('Zendesk');
  const shared = createSharedToken<Token>();
  let known: Token | undefined;
  let over: Token | undefined;
  let lasts = UNKNOWN;

  async function signInBy(secrets: ZendeskSecrets): Promise<Renewed> {
    const { accessToken, ...others } = await signIn(dispatcher, account.config, secrets);
    lasts = { tokenMs: others.lastsMs ?? Infinity, refreshTokenMs: others.refreshLastsMs ?? Infinity };
    return { token: { accessToken }, ...others };
  }

  async function begin(store: SignInStore): Promise<Token> {
    if (credentials.kind === 'client') {
      const { token, lastsMs } = await signInBy(account.secrets);
      return tokenOf(token.accessToken, lastsMs ?? Infinity);
    }
    const before = isAlone && over === undefined ? (await store.read()).token : null;
    const refused = before?.accessToken ?? over?.authorization.slice(BEARER.length);
    const { token, leftMs } = await findToken({ store, refused, refresh: signInBy });
    return tokenOf(token?.accessToken ?? '', leftMs);
  }

  return {
    mostRenewals: credentials.kind === 'client' ? 1 : 2,
    lasts: () => lasts,
    async authorization(store, refused) {
      const isOver = known !== undefined && performance.now() > known.renewedAt;
      if (known !== undefined && (isOver || known.authorization === refused)) {
        over = known;
        known = undefined;
        shared.drop();
      }
      known = await shared.find(() => begin(store));
      return known.authorization;
    },
  };
}

const UNKNOWN: Lasts = { tokenMs: Infinity, refreshTokenMs: Infinity };
const BEARER = 'Bearer ';

function tokenOf(accessToken: string, leftMs: number): Token {
  return { authorization: `${BEARER}${accessToken}`, renewedAt: performance.now() + renewedAfterMs(leftMs) };
}

function warnOfEnd(account: ZendeskAccount): void {
  if (activities.getStore() === undefined) return;
  log.warn(`A Zendesk connection signs in by a token that ends: ${describeCredentials(account)}`);
}

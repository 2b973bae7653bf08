import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { createSignIns, type SignInSession } from '../../connections/sign-in-sessions';
import { signInOf } from '../../connections/sign-in-store';
import { postForToken, readToken } from '../../http/ask-for-token';
import type { GuardedAgent } from '../../http/guard';
import type { ClientCredentials } from './account';

/** Clients whose tokens are remembered at the same time. */
const MOST_CLIENTS = 1_000;
/** A token of this flow is in no row: each worker gets its own. */
const NO_STORE = signInOf({}).store;

/** The access token of a client. One that was `refused` is replaced, once for all deliveries that ask meanwhile. */
export type FindToken = (refused?: string) => Promise<string>;

/** The access tokens of a worker, by OAuth 2.0 client credentials (RFC 6749 section 4.4). */
export function createAccessTokens(agent: GuardedAgent) {
  const signIns = createSignIns('the token server');
  const open = (client: ClientCredentials): SignInSession =>
    signIns.open({
      isShared: false,
      secrets: {},
      signIn: async () => readToken(await postForToken(agent, client.tokenUrl, ...requestOf(client))),
    });
  const sessions = new LRUCache<string, SignInSession, ClientCredentials>({
    max: MOST_CLIENTS,
    memoMethod: (_key, _old, { context }) => open(context),
  });
  const tokenOf =
    (session: SignInSession): FindToken =>
    async (refused) =>
      (await session.token(NO_STORE, refused)).accessToken;
  return {
    of: (client: ClientCredentials): FindToken =>
      tokenOf(sessions.memo(createHash('sha256').update(JSON.stringify(client)).digest('hex'), { context: client })),
    /** As for a check: with a token of its own. */
    alone: (client: ClientCredentials): FindToken => tokenOf(open(client)),
    settled: signIns.settled,
  };
}

function requestOf(client: ClientCredentials): [form: Record<string, string>, headers: Record<string, string>] {
  const { clientId, clientSecret, scope, audience, clientAuthentication } = client;
  const form = {
    grant_type: 'client_credentials',
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { audience }),
  };
  if (clientAuthentication === 'body') return [{ ...form, client_id: clientId, client_secret: clientSecret }, {}];
  // Each part is encoded as a form has it (RFC 6749 section 2.3.1).
  const encoded = [clientId, clientSecret].map((part) => new URLSearchParams({ '': part }).toString().slice(1));
  return [form, { authorization: `Basic ${Buffer.from(encoded.join(':')).toString('base64')}` }];
}

import { z } from 'zod';
import { callHttp } from '../../http/call';
import { parseJson } from '../../http/parse-json';
import type { GuardedAgent } from '../../http/guard';
import { originOf, type ZendeskConfig, type ZendeskSecrets } from './account';
import { malformed, ZendeskRefusal } from './zendesk-failure';

const YEAR_SECONDS = 366 * 86_400;
const token = z.string().regex(/^[\x21-\x7e]{1,2000}$/);
/** An unreadable number counts as not given: the tokens beside it are good, and the refresh token that was sent is not any more. */
const seconds = z.number().positive().max(YEAR_SECONDS).nullish().catch(null);
const tokenAnswer = z.object({
  access_token: token,
  expires_in: seconds,
  refresh_token: token.nullish(),
  refresh_token_expires_in: seconds,
});

/** The result of a sign-in. */
export interface SignedIn {
  readonly accessToken: string;
  /** Null: not said. */
  readonly lastsMs: number | null;
  /** The new refresh token; the one that was sent is good no more. */
  readonly refreshToken: string | undefined;
  /** Null: not said. */
  readonly refreshLastsMs: number | null;
}

/**
 * Signs in by a refresh token where there is one, else by OAuth's client credentials flow. Source: developer.zendesk.com, "OAuth tokens for
 * grant types".
 *
 * @throws DeliveryFailure: ConnectionBroken when the client or the refresh token is refused
 */
export async function signIn(
  dispatcher: GuardedAgent,
  config: ZendeskConfig,
  { clientSecret, refreshToken }: ZendeskSecrets,
): Promise<SignedIn> {
  const client = { client_id: config.clientId, client_secret: clientSecret };
  const body =
    refreshToken === undefined
      ? { grant_type: 'client_credentials', ...client, scope: 'read write' }
      : { grant_type: 'refresh_token', ...client, refresh_token: refreshToken, scope: 'read write' };
  const answer = await callHttp(dispatcher, 'Zendesk', {
    method: 'POST',
    url: `${originOf(config)}/oauth/tokens`,
    headers: { 'content-type': 'application/json', 'user-agent': 'chat-events' },
    body: JSON.stringify(body),
    signal: new AbortController().signal, // not that of a delivery: other deliveries wait for this sign-in, too
  });
  if (answer.status < 200 || answer.status >= 300) throw new ZendeskRefusal(answer, 'signIn');
  const { success, data } = tokenAnswer.safeParse(parseJson(answer.body));
  if (!success) throw malformed(answer.status);
  return {
    accessToken: data.access_token,
    lastsMs: toMs(data.expires_in),
    refreshToken: data.refresh_token ?? undefined,
    refreshLastsMs: toMs(data.refresh_token_expires_in),
  };
}

const toMs = (given: number | null = null): number | null => given && given * 1000;

import { asyncLocalStorage as activities, log } from '@temporalio/activity';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { createRecent } from '../../connections/recent';
import { callHttp } from '../../http/call';
import type { GuardedAgent } from '../../http/guard';
import { originOf, credentialsOf, type ZendeskAccount } from './account';
import { malformed, parseJson, ZendeskRefusal } from './zendesk-failure';

/** Connections that are remembered at the same time. */
const MOST_SESSIONS = 1_000;
/** An access token is replaced so long before its end, in milliseconds. */
const RENEWED_BEFORE_MS = 60_000;

/** What is known of an account: how to sign in, and as whom. */
export interface Session {
  /** The header for the next request. A token that was `refused` is replaced, once for all who ask meanwhile. */
  authorization(refused?: string): Promise<string>;
  /** False where what was refused stays refused. */
  readonly isRenewed: boolean;
  /** The Zendesk user, once known. */
  authorId?: number;
}

/** The day on which Zendesk takes no API tokens any more. */
const API_TOKENS_END = '30 April 2027';

/** The sessions of a worker, by account and edition of the connection. */
export function createSessions(dispatcher: GuardedAgent) {
  const sessions = createRecent<Session>(MOST_SESSIONS);
  return {
    of: (account: ZendeskAccount, edition: number): Session =>
      sessions.of(digestOf(account, edition), () => openSession(dispatcher, account)),
    /** A session of its own, such as for a check. */
    alone: (account: ZendeskAccount): Session => openSession(dispatcher, account),
  };
}

const digestOf = ({ config, secrets }: ZendeskAccount, edition: number): string => {
  const { clientId, email, subdomain, endpoint } = config;
  return createHash('sha256')
    .update(JSON.stringify([edition, subdomain, endpoint, email, clientId, secrets]))
    .digest('hex');
};

/** @throws DeliveryFailure InvalidConfig when configuration and secrets do not belong together */
function openSession(dispatcher: GuardedAgent, account: ZendeskAccount): Session {
  const credentials = credentialsOf(account);
  if (credentials.kind === 'token') {
    warnOfEnd(account);
    return { authorization: async () => credentials.authorization, isRenewed: false };
  }
  let current: Promise<Token> | undefined;
  let known: Token | undefined;
  return {
    isRenewed: true,
    async authorization(refused) {
      const isOver = known !== undefined && performance.now() > known.endsAt;
      if (known !== undefined && (isOver || known.authorization === refused)) current = known = undefined;
      const signingIn = (current ??= signIn(dispatcher, account, credentials.clientSecret));
      try {
        known = await signingIn;
        return known.authorization;
      } catch (error) {
        if (current === signingIn) current = undefined;
        throw error;
      }
    },
  };
}

interface Token {
  readonly authorization: string;
  /** By this process's monotonic clock, in milliseconds. */
  readonly endsAt: number;
}

const tokenAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,2000}$/),
  expires_in: z.number().positive().nullish(),
});

/** OAuth's client credentials flow. Source: developer.zendesk.com, "OAuth tokens for grant types". */
async function signIn(dispatcher: GuardedAgent, { config }: ZendeskAccount, clientSecret: string): Promise<Token> {
  const body = { grant_type: 'client_credentials', client_id: config.clientId, client_secret: clientSecret };
  const answer = await callHttp(dispatcher, 'Zendesk', {
    method: 'POST',
    url: `${originOf(config)}/oauth/tokens`,
    headers: { 'content-type': 'application/json', 'user-agent': 'chat-events' },
    body: JSON.stringify({ ...body, scope: 'read write' }),
    signal: new AbortController().signal, // not the delivery's: others wait for this sign-in, too
  });
  if (answer.status < 200 || answer.status >= 300) throw new ZendeskRefusal(answer, 'signIn');
  const { success, data } = tokenAnswer.safeParse(parseJson(answer.body));
  if (!success) throw malformed(answer.status);
  const lastsMs = (data.expires_in ?? Infinity) * 1000;
  return {
    authorization: `Bearer ${data.access_token}`,
    endsAt: performance.now() + Math.max(lastsMs / 2, lastsMs - RENEWED_BEFORE_MS),
  };
}

/** For people: what ends by itself. */
export function describeCredentials({ secrets }: ZendeskAccount): string {
  const instead = 'give `clientId` and the secret `clientSecret` of an OAuth client instead';
  if (secrets.apiToken !== undefined) return `Zendesk takes no API tokens after ${API_TOKENS_END}: ${instead}`;
  if (secrets.oauthToken !== undefined) {
    return `an OAuth access token ends by itself, after two days at most where its client was made lately: ${instead}`;
  }
  return 'signs in by an OAuth client, whose access tokens are renewed by themselves';
}

function warnOfEnd(account: ZendeskAccount): void {
  if (activities.getStore() === undefined) return;
  log.warn(`A Zendesk connection signs in by a token that ends: ${describeCredentials(account)}`);
}

import { asyncLocalStorage as activities, log } from '@temporalio/activity';
import { z } from 'zod';
import { DeliveryFailure } from '../../failures';
import type { GuardedAgent } from '../../http/guard';
import { signAssertion } from '../../http/sign-assertion';
import type { SalesforceAccount, SalesforceConfig } from './account';
import { SalesforceRefusal } from './salesforce-failure';
import { createTransport, openOAuth2 } from './transport';

/** The result of a sign-in. */
export interface Token {
  readonly accessToken: string;
  /** Origin of the API. */
  readonly instanceUrl: string;
  /** URL of the user who is signed in; null where Salesforce did not say it. */
  readonly identity: string | null;
  /** How far Salesforce's clock is ahead of this machine's, in milliseconds; 0 unless an assertion was refused for it. */
  readonly clockOffsetMs: number;
  /** When this process was given it, of `performance.now()`; -Infinity: another worker was. */
  readonly givenAt: number;
}

interface SignedIn {
  readonly token: Token;
  /** The new refresh token; undefined: the one that was sent stays. */
  readonly refreshToken: string | undefined;
}

const answerSchema = z.object({
  access_token: z.string().min(1),
  instance_url: z.url({ protocol: /^https?$/ }),
  id: z.string().optional(),
  refresh_token: z.string().min(1).optional(),
});

const ASSERTION_SECONDS = 180;

/** A clock that is wrong by less is no reason for a refusal, in milliseconds. */
const CLOCK_MATTERS_MS = 5_000;

/**
 * Signs in by the account's OAuth flow. Where an assertion is refused and this machine's clock is wrong, it is signed once more with
 * Salesforce's time.
 *
 * @throws DeliveryFailure: ConnectionBroken when the account is refused, InvalidConfig when a secret is missing
 */
export async function signIn(dispatcher: GuardedAgent, account: SalesforceAccount): Promise<SignedIn> {
  // Not the signal of a delivery: other deliveries wait for this sign-in, too.
  const transport = createTransport(dispatcher, new AbortController().signal, true);
  const { loginUrl, clientId } = account.config;
  const ask = async (offsetMs: number): Promise<unknown> => {
    const { grant, clientSecret } = grantOf(account, Date.now() + offsetMs);
    const oauth2 = openOAuth2(transport, { loginUrl, clientId, ...(clientSecret !== undefined && { clientSecret }) });
    return await oauth2.requestToken(grant);
  };
  const { said, clockOffsetMs } = await ask(0).then(
    (first) => ({ said: first, clockOffsetMs: 0 }),
    (refusal: unknown) => askByTheirTime(ask, account, refusal),
  );
  const answer = answerSchema.safeParse(said);
  if (!answer.success)
    throw new DeliveryFailure('Unavailable', 'Salesforce answers a sign-in without a token; it is tried again.');
  const { access_token: accessToken, instance_url: instanceUrl, id = null, refresh_token: refreshToken } = answer.data;
  const origin = new URL(instanceUrl).origin;
  return {
    token: { accessToken, instanceUrl: origin, identity: id, clockOffsetMs, givenAt: performance.now() },
    refreshToken,
  };
}

async function askByTheirTime(
  ask: (offsetMs: number) => Promise<unknown>,
  { config }: SalesforceAccount,
  refusal: unknown,
): Promise<{ said: unknown; clockOffsetMs: number }> {
  const isTimed = config.authorization === 'jwtBearer' && isGrantRefused(refusal);
  const clockOffsetMs = isTimed && refusal.serverTime !== undefined ? refusal.serverTime - Date.now() : 0;
  if (Math.abs(clockOffsetMs) < CLOCK_MATTERS_MS) throw refusal;
  const clockOffsetSeconds = Math.round(clockOffsetMs / 1000);
  if (activities.getStore() !== undefined) {
    log.warn("This machine's clock is wrong: the assertion is signed with Salesforce's time", { clockOffsetSeconds });
  }
  try {
    return { said: await ask(clockOffsetMs), clockOffsetMs };
  } catch (error) {
    if (!isGrantRefused(error) || !error.errors.some(({ isOutOfTime }) => isOutOfTime)) throw error;
    const message = `${describeClock(clockOffsetMs)}: Salesforce refuses its assertions. Set the clock; the delivery is tried again.`;
    throw new DeliveryFailure('Unavailable', message, {
      ours: true,
      details: { ...error.details, clockOffsetSeconds },
      cause: error,
    });
  }
}

const isGrantRefused = (error: unknown): error is SalesforceRefusal =>
  error instanceof SalesforceRefusal && error.has('invalid_grant') && error.type === 'ConnectionBroken';

/** For people. */
export function describeClock(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return `The clock of this machine is ${seconds} s ${offsetMs > 0 ? 'behind' : 'ahead of'} Salesforce's`;
}

interface Grant {
  readonly grant: { readonly grant_type: string; readonly [name: string]: string };
  readonly clientSecret?: string | undefined;
}

function grantOf({ config, secrets }: SalesforceAccount, now: number): Grant {
  const { clientSecret, privateKey, refreshToken } = secrets;
  switch (config.authorization) {
    case 'jwtBearer': {
      const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
      return { grant: { grant_type: grantType, assertion: assertion(config, need('privateKey', privateKey), now) } };
    }
    case 'clientCredentials':
      return { grant: { grant_type: 'client_credentials' }, clientSecret: need('clientSecret', clientSecret) };
    case 'refreshToken': {
      const token = need('refreshToken', refreshToken);
      return { grant: { grant_type: 'refresh_token', refresh_token: token }, clientSecret };
    }
  }
}

function need(name: string, secret: string | undefined): string {
  if (secret !== undefined) return secret;
  throw new DeliveryFailure(
    'InvalidConfig',
    `The connection lacks the secret ${name}; give it with \`ops connections mend\`.`,
  );
}

/** @param now milliseconds since 1970 */
function assertion(config: SalesforceConfig, privateKey: string, now: number): string {
  const { clientId, username = '', loginUrl, audience = audienceOf(loginUrl) } = config;
  const exp = Math.floor(now / 1000) + ASSERTION_SECONDS;
  return signAssertion({ iss: clientId, sub: username, aud: audience, exp }, privateKey);
}

/** Hosts of sandboxes and scratch orgs, commercial or of the government; `cs12` is an instance of sandboxes. */
const SANDBOX =
  /^test\.salesforce\.|(^|\.)(sandbox|scratch|cs\d+)\.my\.salesforce\.(com|mil)$|^cs\d+\.salesforce\.com$/;

/**
 * Salesforce takes two audiences beside the address of a site: one for production, one for sandboxes and scratch orgs. Source:
 * Salesforce Help "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration", "My Domain URL Formats".
 */
export const audienceOf = (loginUrl: string): string =>
  SANDBOX.test(new URL(loginUrl).hostname) ? 'https://test.salesforce.com' : 'https://login.salesforce.com';

import { createPrivateKey, createSign } from 'node:crypto';
import { z } from 'zod';
import type { Dispatcher } from 'undici';
import { DeliveryFailure } from '../../failures';
import type { SalesforceAccount, SalesforceConfig } from './account';
import { SalesforceRefusal } from './salesforce-failure';
import { createTransport, openOAuth2 } from './transport';

/** What a sign-in gives. */
export interface Token {
  readonly accessToken: string;
  /** Origin that the API is called at. */
  readonly instanceUrl: string;
  /** Of the user signed in, as a URL; null where it was not said. */
  readonly identity: string | null;
}

const answerSchema = z.object({
  access_token: z.string().min(1),
  instance_url: z.url({ protocol: /^https?$/ }),
  id: z.string().optional(),
  refresh_token: z.string().min(1).optional(),
});

const ASSERTION_SECONDS = 180;

/**
 * Signs in by the account's OAuth flow.
 *
 * @param keepRefreshToken is called when it was replaced
 * @throws DeliveryFailure: ConnectionBroken when the account is refused, InvalidConfig when a secret is missing
 */
export async function signIn(
  dispatcher: Dispatcher,
  account: SalesforceAccount,
  keepRefreshToken: (fresh: string) => Promise<void>,
): Promise<Token> {
  const { loginUrl, clientId } = account.config;
  const { grant, clientSecret } = grantOf(account);
  // Not the delivery's signal: others wait for this sign-in, too.
  const transport = createTransport(dispatcher, new AbortController().signal);
  const oauth2 = openOAuth2(transport, { loginUrl, clientId, ...(clientSecret !== undefined && { clientSecret }) });
  const answer = answerSchema.safeParse(await oauth2.requestToken(grant).catch(refuseAccount));
  if (!answer.success) throw new DeliveryFailure('Unavailable', 'Salesforce answers a sign-in with no token.');
  const { access_token: accessToken, instance_url: instanceUrl, id = null, refresh_token: refreshToken } = answer.data;
  if (refreshToken !== undefined && refreshToken !== account.secrets.refreshToken) await keepRefreshToken(refreshToken);
  return { accessToken, instanceUrl: new URL(instanceUrl).origin, identity: id };
}

/** What a token server refuses, whatever it says, is the account. */
function refuseAccount(error: unknown): never {
  if (!(error instanceof SalesforceRefusal) || error.type !== 'Rejected') throw error;
  const message = 'Salesforce refuses the sign-in; correct the connection with `ops connections mend`.';
  throw new DeliveryFailure('ConnectionBroken', message, { details: error.details, cause: error });
}

interface Grant {
  readonly grant: { readonly grant_type: string; readonly [name: string]: string };
  readonly clientSecret?: string | undefined;
}

function grantOf({ config, secrets }: SalesforceAccount): Grant {
  const { clientSecret, privateKey, refreshToken } = secrets;
  switch (config.authorization) {
    case 'jwtBearer': {
      const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
      return { grant: { grant_type: grantType, assertion: assertion(config, need('privateKey', privateKey)) } };
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

/** A JSON Web Token (RFC 7523), signed by RS256. */
function assertion({ clientId, username = '', loginUrl }: SalesforceConfig, privateKey: string): string {
  const exp = Math.floor(Date.now() / 1000) + ASSERTION_SECONDS;
  const claims = { iss: clientId, sub: username, aud: audienceOf(loginUrl), exp };
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => encode(JSON.stringify(part))).join('.');
  try {
    const key = createPrivateKey(privateKey.replaceAll('\\n', '\n')); // as one line, where a prompt took it
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
  } catch {
    throw new DeliveryFailure('InvalidConfig', 'The secret privateKey is no RSA key as PEM; give it again.');
  }
}

const encode = (text: string): string => Buffer.from(text).toString('base64url');

/** Sandboxes have a login server of their own. */
function audienceOf(loginUrl: string): string {
  const { hostname } = new URL(loginUrl);
  const isSandbox = hostname === 'test.salesforce.com' || hostname.endsWith('.sandbox.my.salesforce.com');
  return isSandbox ? 'https://test.salesforce.com' : 'https://login.salesforce.com';
}

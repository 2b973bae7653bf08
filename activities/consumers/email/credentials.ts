import { DeliveryFailure } from '../../failures';
import type { EmailAccount, EmailConfig, EmailSecrets } from './account';

/** OAuth's flows: the request of each, its address, and the secrets that it needs. */
const flows = {
  clientCredentials: { secrets: ['clientSecret'], scope: 'https://outlook.office365.com/.default' },
  jwtBearer: { secrets: ['privateKey'], scope: 'https://mail.google.com/' },
  refreshToken: { secrets: ['clientSecret', 'refreshToken'], scope: undefined },
} as const;

/** Where tokens come from; undefined = the account needs none. */
export function tokenUrlOf({ authorization, tenant = '', tokenUrl }: EmailConfig): string | undefined {
  if (authorization === 'password') return undefined;
  const usual =
    authorization === 'clientCredentials'
      ? `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`
      : 'https://oauth2.googleapis.com/token';
  return tokenUrl ?? usual;
}

/** The contents of a request for a token. */
export interface OAuthCredentials {
  readonly kind: 'oauth';
  readonly flow: keyof typeof flows;
  /** The mailbox. */
  readonly user: string;
  readonly clientId: string;
  readonly tokenUrl: string;
  readonly scope: string | undefined;
  /** Those that the flow needs are there. */
  readonly secrets: EmailSecrets;
}

export type Credentials =
  { readonly kind: 'password'; readonly user: string; readonly pass: string } | OAuthCredentials;

/**
 * The user that signs in; undefined: no sign-in.
 *
 * @throws DeliveryFailure InvalidConfig when user and secrets do not belong together, or would be sent in plain text
 */
export function credentialsOf({ config, secrets }: EmailAccount): Credentials | undefined {
  const { username: user, security, authorization: flow, clientId, scope } = config;
  const { password: pass } = secrets;
  const tokenUrl = tokenUrlOf(config);
  if (flow === 'password' || user === undefined || clientId === undefined || tokenUrl === undefined) {
    if (user === undefined && pass === undefined) return undefined;
    if (user === undefined || pass === undefined) {
      throw invalid('Give both the username in the configuration and the secret password, or neither.');
    }
    if (security === 'none') throw plainText('password');
    return { kind: 'password', user, pass };
  }
  if (security === 'none') throw plainText('token');
  const missing = flows[flow].secrets.filter((name) => secrets[name] === undefined);
  if (missing.length > 0) {
    throw invalid(`For ${flow} give the secret ${missing.join(' and ')} with \`ops connections mend\`.`);
  }
  return { kind: 'oauth', flow, user, clientId, tokenUrl, scope: scope ?? flows[flow].scope, secrets };
}

const plainText = (what: string): DeliveryFailure =>
  invalid(`With security none the ${what} would be readable on its way; use starttls.`);

const invalid = (message: string): DeliveryFailure => new DeliveryFailure('InvalidConfig', message);

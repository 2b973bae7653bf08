import { callbackify } from 'node:util';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import XOAuth2 from 'nodemailer/lib/xoauth2';
import type { FindToken } from './access-tokens';
import type { Credentials, OAuthCredentials } from './credentials';

/** The options of nodemailer for a sign-in. */
export type SignIn = SMTPConnection.AuthenticationType;

/**
 * Opens a connection that needs a sign-in. A token that the server refuses is replaced, and tried again, once: by nodemailer in the same
 * connection where the server answers 334 first, as Gmail does; in another connection where it answers 535 at once, as Microsoft 365 does.
 */
export async function signIn<T>(
  credentials: Credentials,
  findToken: FindToken,
  open: (signIn: SignIn) => Promise<T>,
): Promise<T> {
  if (credentials.kind === 'password') {
    const { user, pass } = credentials;
    return await open({ credentials: { user, pass } });
  }
  const token = await findToken(credentials);
  const renewal: Renewal = {};
  const renew = (): Promise<string> => (renewal.token ??= findToken(credentials, token));
  try {
    return await open(byToken(credentials, token, renew));
  } catch (error) {
    const isRefused = (error as { responseCode?: number }).responseCode === 535;
    if (!isRefused || renewal.token !== undefined) throw error;
    const other = await renew();
    return await open(byToken(credentials, other, async () => other));
  }
}

interface Renewal {
  token?: Promise<string>;
}

function byToken({ user }: OAuthCredentials, token: string, renew: () => Promise<string>): SignIn {
  const oauth2 = new XOAuth2({
    user,
    provisionCallback: callbackify(async (_user: string, isRefused: boolean) => (isRefused ? await renew() : token)),
  });
  return { user, oauth2 };
}

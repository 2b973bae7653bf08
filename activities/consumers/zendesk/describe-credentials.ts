import type { ZendeskAccount } from './account';

/** The day on which Zendesk takes no API tokens any more. */
const API_TOKENS_END = '30 April 2027';

/** When the credential ends by itself; null: not known, or never. A refresh token's end is known once it was used. */
export const endOfCredentials = ({ secrets }: ZendeskAccount): Date | null =>
  secrets.apiToken === undefined ? null : new Date(`${API_TOKENS_END} UTC`);

/** How long the tokens of the last sign-in last, in milliseconds; Infinity: not said. */
export interface Lasts {
  readonly tokenMs: number;
  readonly refreshTokenMs: number;
}

/** For people: how long the credential lasts. */
export function describeCredentials({ secrets }: ZendeskAccount, lasts?: Lasts): string {
  const instead = 'give `clientId` and the secret `clientSecret` of an OAuth client instead';
  if (secrets.apiToken !== undefined) return `Zendesk takes no API tokens after ${API_TOKENS_END}: ${instead}`;
  if (secrets.oauthToken !== undefined) {
    return `an OAuth access token ends by itself, after two days at most where its client was made lately: ${instead}`;
  }
  const token = `access tokens last ${describeMs(lasts?.tokenMs)} and are renewed by themselves`;
  if (secrets.refreshToken === undefined) return `signs in by an OAuth client, which does not end; ${token}`;
  return `signs in by a refresh token that all workers share, which ends if it is not used for ${describeMs(lasts?.refreshTokenMs)}; ${token}`;
}

function describeMs(ms = Infinity): string {
  if (ms === Infinity) return 'as long as the client says';
  const minutes = Math.round(ms / 60_000);
  return minutes < 48 * 60 ? `${minutes} minutes` : `${Math.round(minutes / 1440)} days`;
}

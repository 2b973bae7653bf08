/**
 * Why a server refuses a token, as far as the token itself tells: a Temporal server says the same of each. Its signature is not
 * checked here, and nothing secret of it is repeated.
 *
 * @param token a JWT with the claim `permissions`, as Temporal's own claim mapper takes it; anything else is not explained
 */
export function explainToken(token: string | undefined, namespace: string): string {
  if (!token) return 'No token was sent.';
  const claims = readClaims(token);
  if (claims === undefined) return 'The API key is no JSON Web Token.';
  const { sub, exp, nbf, permissions } = claims;
  const whose = typeof sub === 'string' ? `The token of "${sub}"` : 'The token has no subject, and';
  const now = Date.now() / 1000;
  if (typeof exp === 'number' && exp <= now) return `${whose} expired at ${at(exp)}.`;
  if (typeof nbf === 'number' && nbf > now) return `${whose} is valid from ${at(nbf)} only.`;
  if (!Array.isArray(permissions)) return `${whose} has no claim "permissions".`;
  const roles = permissions.filter((one): one is string => typeof one === 'string');
  const here = roles.filter((role) => [namespace, 'temporal-system'].includes(role.slice(0, role.indexOf(':'))));
  if (here.length === 0)
    return `${whose} has no role in the namespace ${namespace}, but ${roles.join(', ') || 'none at all'}.`;
  return `${whose} has the role ${here.join(', ')}: the call needs another one, or the server does not know the key that has signed it.`;
}

/**
 * How long a token is valid, from its own claims; undefined for an API key that is no JSON Web Token, or that does not end.
 *
 * @returns its name, its end, and whether less than a quarter of its time is left
 */
export function lifeOfToken(token: string): { of: string; until: string; endsSoon: boolean } | undefined {
  const { sub, iat, exp } = readClaims(token) ?? {};
  if (typeof exp !== 'number') return undefined;
  const left = exp - Date.now() / 1000;
  const whole = typeof iat === 'number' ? exp - iat : UNKNOWN_LIFE_SECONDS;
  return { of: typeof sub === 'string' ? sub : 'an unnamed subject', until: at(exp), endsSoon: left < whole / 4 };
}

/** Of a token that does not say when it was made: it ends soon in its last day. */
const UNKNOWN_LIFE_SECONDS = 4 * 86_400;

/** A token may say any number, as of another unit of time: one beyond the calendar has no date. */
function at(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? `second ${seconds}` : time.toISOString();
}

function readClaims(token: string): Record<string, unknown> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined; // just tested
  } catch {
    return undefined;
  }
}

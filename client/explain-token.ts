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

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();

function readClaims(token: string): Record<string, unknown> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined; // just tested
  } catch {
    return undefined;
  }
}

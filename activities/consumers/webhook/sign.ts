import { createHmac } from 'node:crypto';

/**
 * The headers of one attempt by Standard Webhooks (symmetric, v1).
 *
 * @param id the same on every attempt; without a dot
 * @param secrets `whsec_` + base64; each signs, so that a receiver that has only the old one can verify, too
 */
export function signedHeaders(id: string, at: Date, body: string, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', signingKey(secret));
    return `v1,${hmac.update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

const PREFIX = 'whsec_';

/** The bytes of a secret. */
export const signingKey = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), 'base64');

/** True for a secret as Standard Webhooks allows it: 24 to 64 bytes. */
export function isSecret(text: string): boolean {
  const key = signingKey(text);
  const isWhole = text === PREFIX + key.toString('base64');
  return isWhole && key.length >= 24 && key.length <= 64;
}

import { createHmac, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/**
 * The headers of one attempt by Standard Webhooks.
 *
 * @param id the same on every attempt; without a dot
 * @param secrets each signs by its kind, so that a receiver that has only the old one can verify, too
 */
export function signedHeaders(id: string, at: Date, body: string, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signed = Buffer.from(`${id}.${timestamp}.${body}`);
  const signatures = secrets.map((secret) => {
    const { version, by } = kindOf(secret) ?? SYMMETRIC;
    return `${version},${by(secret, signed).toString('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

interface Kind {
  readonly prefix: string;
  readonly version: string;
  readonly bytes: readonly [least: number, most: number];
  readonly by: (secret: string, signed: Buffer) => Buffer;
}

/** HMAC-SHA256: the receiver has the same secret. */
const SYMMETRIC: Kind = {
  prefix: 'whsec_',
  version: 'v1',
  bytes: [24, 64],
  by: (secret, signed) => createHmac('sha256', bytesOf(secret)).update(signed).digest(),
};

/** Ed25519: the receiver has the public key. The private one is its seed, with or without the public key behind it. */
const ASYMMETRIC: Kind = {
  prefix: 'whsk_',
  version: 'v1a',
  bytes: [32, 64],
  by: (secret, signed) => sign(null, signed, privateKeyOf(secret)),
};

const kindOf = (secret: string): Kind | undefined =>
  [SYMMETRIC, ASYMMETRIC].find(({ prefix }) => secret.startsWith(prefix));

/** Behind the prefix, which ends with the first `_`. */
const bytesOf = (secret: string): Buffer => Buffer.from(secret.slice(secret.indexOf('_') + 1), 'base64');

/** True for a secret as Standard Webhooks allows it: `whsec_` and 24 to 64 bytes, or `whsk_` and a key of Ed25519. */
export function isSecret(text: string): boolean {
  const kind = kindOf(text);
  if (kind === undefined) return false;
  const bytes = bytesOf(text);
  if (text !== kind.prefix + bytes.toString('base64')) return false;
  const [least, most] = kind.bytes;
  if (kind === SYMMETRIC) return bytes.length >= least && bytes.length <= most;
  const [seed, rest] = [bytes.subarray(0, SEED_BYTES), bytes.subarray(SEED_BYTES)];
  return seed.length === SEED_BYTES && (rest.length === 0 || rest.equals(rawPublicKey(text)));
}

/** The public key by which a receiver verifies signatures; undefined: it needs the secret itself. */
export const publicKeyOf = (secret: string): string | undefined =>
  kindOf(secret) === ASYMMETRIC ? `whpk_${rawPublicKey(secret).toString('base64')}` : undefined;

const SEED_BYTES = 32;
/** Of a PKCS #8 document that holds a seed of Ed25519 (RFC 8410 section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const privateKeyOf = (secret: string): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([PKCS8, bytesOf(secret).subarray(0, SEED_BYTES)]),
    format: 'der',
    type: 'pkcs8',
  });

/** The last 32 bytes of its document are the key. */
const rawPublicKey = (secret: string): Buffer =>
  createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES);

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Secrets of one connection, as its row has them. */
export interface SealedSecrets {
  /** Which key sealed them. */
  readonly keyId: string;
  /** Nonce (12 bytes), tag (16 bytes), ciphertext. */
  readonly bytes: Buffer;
}

/** Seals and opens the secrets of connections: AES-256-GCM, bound to the id of the connection that they belong to. */
export interface SecretBox {
  /** Of the key that seals. */
  readonly keyId: string;
  seal(connectionId: string, secrets: Readonly<Record<string, string>>): SealedSecrets;
  /** @throws UnknownSecretsKey; Error when the bytes were changed or belong to another connection */
  open(connectionId: string, sealed: SealedSecrets): Record<string, string>;
}

/** Thrown when the key that sealed a connection's secrets is not configured here. */
export class UnknownSecretsKey extends Error {
  override readonly name = 'UnknownSecretsKey';
}

/** Thrown when a text is not a key. */
export class InvalidSecretsKey extends Error {
  override readonly name = 'InvalidSecretsKey';
}

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A new key, as it is given to `createSecretBox`. */
export const newSecretsKey = (): string => randomBytes(KEY_BYTES).toString('base64');

/**
 * @param current seals and opens; 32 bytes as base64
 * @param previous only opens, while the secrets are sealed anew
 * @throws InvalidSecretsKey
 */
export function createSecretBox(current: string, previous?: string): SecretBox {
  const keys = [current, ...(previous === undefined ? [] : [previous])].map(readKey);
  const [sealing] = keys;
  if (sealing === undefined) throw new InvalidSecretsKey('There is no key.');
  return {
    keyId: sealing.id,
    seal(connectionId, secrets) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, sealing.key, nonce).setAAD(Buffer.from(connectionId));
      const text = Buffer.concat([cipher.update(JSON.stringify(secrets)), cipher.final()]);
      return { keyId: sealing.id, bytes: Buffer.concat([nonce, cipher.getAuthTag(), text]) };
    },
    open(connectionId, { keyId, bytes }) {
      const found = keys.find(({ id }) => id === keyId);
      if (found === undefined) {
        throw new UnknownSecretsKey(`Secrets are sealed with the key ${keyId}: set it as SECRETS_KEY_PREVIOUS.`);
      }
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const text = bytes.subarray(NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv(CIPHER, found.key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(connectionId))
        .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return JSON.parse(Buffer.concat([decipher.update(text), decipher.final()]).toString());
    },
  };
}

/** The id does not reveal the key, and is the same in every process that has the key. */
function readKey(text: string): { id: string; key: Buffer } {
  const key = Buffer.from(text, 'base64');
  if (key.length !== KEY_BYTES) {
    throw new InvalidSecretsKey('A key is 32 random bytes as base64, such as `openssl rand -base64 32` prints.');
  }
  return { id: createHash('sha256').update('chat-events secrets key').update(key).digest('hex').slice(0, 12), key };
}

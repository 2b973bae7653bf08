import { createHash, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Thrown when a text has no usable payload keys; the message says what to do. */
export class InvalidPayloadKey extends Error {
  override readonly name = 'InvalidPayloadKey';
}

/** A key that encrypts payloads. */
export interface PayloadKey {
  /** Follows from the key and does not reveal it: the same in every process that has the key. */
  readonly id: string;
  /** 32 bytes, for AES-256-GCM. */
  readonly key: Uint8Array;
  /** 32 bytes, for the nonces of that cipher. */
  readonly nonceKey: Uint8Array;
}

const KEY_BYTES = 32;

/** Environment variables; one of them at most. */
interface KeyVariables {
  /** Keys, each 32 bytes as base64, with commas, blanks or line breaks between them. The first encrypts, all decrypt. */
  readonly PAYLOAD_KEY?: string | undefined;
  /** A file with that text. */
  readonly PAYLOAD_KEY_FILE?: string | undefined;
}

/**
 * The keys of the environment, the one that encrypts first; none where neither variable is set.
 *
 * @throws InvalidPayloadKey that names the variable
 */
export function readPayloadKeys(environment: KeyVariables): readonly PayloadKey[] {
  const text = findPayloadKey(environment);
  return text === undefined ? [] : parsePayloadKeys(text, environment.PAYLOAD_KEY_FILE ? FILE : 'PAYLOAD_KEY');
}

/** Why the keys cannot be used; empty if they can. */
export function payloadKeyProblems(environment: KeyVariables): string[] {
  try {
    readPayloadKeys(environment);
    return [];
  } catch (error) {
    return [(error as InvalidPayloadKey).message]; // it throws nothing else
  }
}

const FILE = 'PAYLOAD_KEY_FILE';

/**
 * The text of PAYLOAD_KEY, or of the file that PAYLOAD_KEY_FILE names, for `createPublisher`.
 *
 * @throws InvalidPayloadKey that names the variable
 */
export function findPayloadKey({ PAYLOAD_KEY: text, PAYLOAD_KEY_FILE: file }: KeyVariables): string | undefined {
  if (!file) return text || undefined;
  if (text) throw new InvalidPayloadKey(`${FILE}: leave it out, or PAYLOAD_KEY`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // the file system throws nothing else
    throw new InvalidPayloadKey(`${FILE}: this user cannot read ${file} (${code}); correct the path or its access`);
  }
}

/**
 * @param text as PAYLOAD_KEY has it
 * @param name of the variable or option, for the error
 * @throws InvalidPayloadKey
 */
export function parsePayloadKeys(text: string, name: string): readonly PayloadKey[] {
  const keys = text.split(/[\s,]+/).filter(Boolean);
  if (keys.length === 0) throw new InvalidPayloadKey(`${name}: has no key; ${MAKE_ONE}`);
  return keys.map((one, place) => readKey(one, `${name}: key ${place + 1}`));
}

const MAKE_ONE = 'a key is 32 random bytes as base64, such as `openssl rand -base64 32` prints';

function readKey(text: string, which: string): PayloadKey {
  const key = Buffer.from(text, 'base64');
  const bare = (base64: string): string => base64.replace(/=+$/, '');
  if (bare(key.toString('base64')) !== bare(text)) throw new InvalidPayloadKey(`${which} is no base64; ${MAKE_ONE}`);
  if (key.length !== KEY_BYTES) throw new InvalidPayloadKey(`${which} has ${key.length} bytes; ${MAKE_ONE}`);
  const id = createHash('sha256').update('chat-events payload key').update(key).digest('hex').slice(0, 12);
  return { id, key, nonceKey: new Uint8Array(hkdfSync('sha256', key, '', 'chat-events payload nonce', KEY_BYTES)) };
}

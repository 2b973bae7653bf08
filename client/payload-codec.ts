import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { EVENT_DATA } from '../protocol/payload-converter';
import type { PayloadKey } from './payload-keys';

/** Thrown when a payload cannot be decrypted here. The workflow task that reads the payload is tried again, so that its run waits for the key. */
export class PayloadNotReadable extends Error {
  override readonly name = 'PayloadNotReadable';
}

// As in the encryption samples of Temporal's SDKs: nonce, ciphertext and tag of the whole payload as Protocol Buffers.
const ENCRYPTED = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Asked for at each use: the package that publishers install loads it late. */
const message = () => temporal.api.common.v1.Payload;

/**
 * Encrypts the payloads that hold data of events, with the first key, and decrypts with any. Every other payload stays as it is: ids, routing,
 * summaries and details are to be read by operators. Without keys it encrypts nothing, and says which key it lacks.
 */
export function createPayloadCodec(keys: readonly PayloadKey[]): PayloadCodec {
  const [first] = keys;
  const byId = new Map(keys.map((one) => [one.id, one]));

  function decrypt(payload: Payload): Payload {
    if (textOf(payload, 'encoding') !== ENCRYPTED) return payload;
    const id = textOf(payload, KEY_ID);
    if (id === '') return payload; // of a foreign codec, which no key of ours will ever read
    const found = byId.get(id);
    if (found === undefined) throw new PayloadNotReadable(describeMissing(id, keys));
    try {
      return message().decode(open(found, payload.data ?? new Uint8Array()));
    } catch (cause) {
      const reason = `A payload that names the key ${id} of PAYLOAD_KEY was changed, or encrypted with another key.`;
      throw new PayloadNotReadable(`${reason} Give the sender the key of that id, and send it again.`, { cause });
    }
  }

  return {
    encode: async (payloads) =>
      first === undefined
        ? payloads
        : payloads.map((one) => (EVENT_DATA in (one.metadata ?? {}) ? seal(first, one) : one)),
    decode: async (payloads) => payloads.map(decrypt),
  };
}

function seal({ id, key, nonceKey }: PayloadKey, payload: Payload): Payload {
  const plain = message().encode(payload).finish();
  // The nonce follows from the content: a large event that is sent again is the same file in the store of large events.
  const nonce = createHmac('sha256', nonceKey).update(plain).digest().subarray(0, NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  return {
    metadata: { encoding: Buffer.from(ENCRYPTED), [KEY_ID]: Buffer.from(id) },
    data: Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]),
  };
}

function open({ key }: PayloadKey, data: Uint8Array): Buffer {
  const nonce = data.subarray(0, NONCE_BYTES);
  const end = data.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAuthTag(data.subarray(end));
  return Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, end)), decipher.final()]);
}

const textOf = ({ metadata }: Payload, name: string): string => Buffer.from(metadata?.[name] ?? []).toString();

function describeMissing(id: string, keys: readonly PayloadKey[]): string {
  const has =
    keys.length === 0
      ? 'PAYLOAD_KEY is not set here'
      : `PAYLOAD_KEY has only ${keys.map((one) => one.id).join(', ')} here`;
  return `A payload is encrypted with the key ${id}, and ${has}. Add that key to PAYLOAD_KEY and start this process again; the run waits until then.`;
}

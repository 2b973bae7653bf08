import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { SealedIdKey } from '../../db/id-key';
import type { EventId } from '../../events/compared-id';
import { UnknownSecretsKey, type SecretBox } from '../connections/secret-box';

/** Hashes of ids, as a column of the type uuid has them: equal ids have equal hashes, and a hash does not tell its id. */
export type HashIds = (ids: readonly EventId[]) => string[];

/** Where the key of the hashes is kept. */
interface IdKeyStore {
  readIdKey(): Promise<SealedIdKey | undefined>;
  keepIdKey(key: SealedIdKey): Promise<void>;
}

/** The purpose that the key is sealed with; the secrets of a connection are sealed with its id. */
const PURPOSE = 'event ids';

/**
 * Opens the key of the hashes on first use, and makes it if there is none. It is sealed under SECRETS_KEY and outlives it:
 * `connections rotate-key` seals it anew, and no hash changes.
 *
 * @param box null: no SECRETS_KEY is set
 * @returns a function; it gives null while the key cannot be opened here, and then events are recorded without hashes
 */
export function openIdHashes(store: IdKeyStore, box: SecretBox | null): () => Promise<HashIds | null> {
  let opened: HashIds | undefined;
  return async () => {
    if (opened !== undefined || box === null) return opened ?? null;
    const key = await openKey(store, box);
    if (key === null) return null;
    const secret = createSecretKey(key, 'base64'); // read once, not for each hash
    return (opened = (ids) => ids.map((id) => hashOf(secret, id)));
  };
}

async function openKey(store: IdKeyStore, box: SecretBox): Promise<string | null> {
  let sealed = await store.readIdKey();
  if (sealed === undefined) {
    await store.keepIdKey(sealIdKey(box, randomBytes(32).toString('base64')));
    sealed = await store.readIdKey(); // it may be that of another worker
  }
  return sealed === undefined ? null : unsealIdKey(box, sealed);
}

/** Seals the key with the current SECRETS_KEY. @returns false if it cannot be opened here */
export async function resealIdKeyOf(
  sealed: SealedIdKey | undefined,
  box: SecretBox,
  write: (key: SealedIdKey) => Promise<void>,
): Promise<boolean> {
  if (sealed === undefined || sealed.secretsKeyId === box.keyId) return true;
  const key = unsealIdKey(box, sealed);
  if (key !== null) await write(sealIdKey(box, key));
  return key !== null;
}

function sealIdKey(box: SecretBox, key: string): SealedIdKey {
  const { bytes, keyId } = box.seal(PURPOSE, { key });
  return { secrets: bytes, secretsKeyId: keyId };
}

/** Null: the key that sealed it is not configured here. */
function unsealIdKey(box: SecretBox, { secrets, secretsKeyId }: SealedIdKey): string | null {
  try {
    return box.open(PURPOSE, { bytes: secrets, keyId: secretsKeyId })['key'] ?? null;
  } catch (error) {
    if (error instanceof UnknownSecretsKey) return null;
    throw error;
  }
}

/** The first 128 bits of HMAC-SHA256, written as a UUID. */
function hashOf(key: KeyObject, { kind, value }: EventId): string {
  const hex = createHmac('sha256', key).update(`${kind}\0${value}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

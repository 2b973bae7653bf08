import type { Tx } from './tx';

/** The key of the hashes by which events are found, sealed. */
export interface SealedIdKey {
  readonly secrets: Buffer;
  readonly secretsKeyId: string;
}

/** Undefined: no worker has made one yet. */
export async function readIdKey(tx: Tx): Promise<SealedIdKey | undefined> {
  return (await tx.query<SealedIdKey>(READ)).rows[0];
}

/** Keeps the key, unless another worker has kept one before. */
export async function keepIdKey(tx: Tx, { secrets, secretsKeyId }: SealedIdKey): Promise<void> {
  await tx.query(KEEP, [secrets, secretsKeyId]);
}

/** Replaces the sealed key by the same key, sealed under another one. */
export async function resealIdKey(tx: Tx, { secrets, secretsKeyId }: SealedIdKey): Promise<void> {
  await tx.query(RESEAL, [secrets, secretsKeyId]);
}

const READ = `select secrets, secrets_key_id as "secretsKeyId" from id_key`;
const KEEP = `insert into id_key (id, secrets, secrets_key_id) values ('events', $1, $2) on conflict (id) do nothing`;
const RESEAL = `update id_key set secrets = $1, secrets_key_id = $2 where id = 'events'`;

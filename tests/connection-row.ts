import { randomUUID } from 'node:crypto';
import { openAccount } from '../activities/connections/open-account';
import { createSecretBox, newSecretsKey } from '../activities/connections/secret-box';
import { openSignInStore } from '../activities/connections/sign-in-store';
import type { Account } from '../activities/consumer';
import { changeConnection, insertConnection, readConnection } from '../db/connections';
import type { OpenDatabase } from './database';

export type Connection = Awaited<ReturnType<typeof connect>>;

/** A connection, and its sign-in as each worker has it. */
export async function connect({ db, pool }: OpenDatabase, consumer: string, { config, secrets }: Account) {
  const secretBox = createSecretBox(newSecretsKey());
  const id = randomUUID();
  const { bytes, keyId } = secretBox.seal(id, secrets as Record<string, string>); // as every account's are
  const limits = { eventTypes: [], maxInFlight: 10, ratePerSecond: null };
  const sealed = { secrets: bytes, secretsKeyId: keyId };
  await insertConnection(db, { id, siteId: '1', consumer, name: id, config, ...limits, ...sealed });
  const read = async () => (await readConnection(db, id))!;
  return {
    id,
    read,
    store: openSignInStore({ db, connectionId: id, secretBox }),
    secrets: async () => openAccount(id, await read(), secretBox).secrets as Record<string, string>,
    /** As an operator does. */
    async give(given: Readonly<Record<string, string>>): Promise<void> {
      const now = await read();
      await changeConnection(db, id, now.version, { ...now, secrets: secretBox.seal(id, given).bytes });
    },
    /** As a delivery does that is refused. */
    break: (reason: string) =>
      pool.query("update connection set state = 'broken', broken_reason = $2, broken_since = now() where id = $1", [
        id,
        reason,
      ]),
    /** As time does. */
    endLease: () => pool.query('update connection set renewing_until = now() where id = $1', [id]),
    isFree: async () =>
      (await pool.query('select from connection where id = $1 and renewing_until is null', [id])).rowCount === 1,
  };
}

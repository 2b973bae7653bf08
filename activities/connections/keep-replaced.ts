import type { Database } from '../../db/database';
import type { Tx } from '../../db/tx';
import type { KeepSecrets } from '../consumer';
import { openAccount } from './open-account';
import type { SecretBox } from './secret-box';

interface Kept {
  readonly db: Pick<Database, 'readConnection' | 'resealConnection'>;
  readonly tx: Tx;
  readonly connectionId: string;
  readonly secretBox: SecretBox;
}

/** Seals what a destination has replaced into its connection, unless somebody has given other secrets meanwhile: theirs stand. */
export function keepReplaced({ db, tx, connectionId, secretBox }: Kept): KeepSecrets {
  return async function keep(replaced, isReplaced): Promise<void> {
    const connection = await db.readConnection(tx, connectionId);
    if (connection === undefined) return;
    const secrets = openAccount(connectionId, connection, secretBox).secrets as Record<string, string>; // they were sealed so
    if (!isReplaced(secrets)) return;
    const sealed = secretBox.seal(connectionId, { ...secrets, ...replaced });
    if (!(await db.resealConnection(tx, connection, sealed.bytes, sealed.keyId))) await keep(replaced, isReplaced);
  };
}

import type { Command } from 'commander';
import { openNotifySecret, sealNotify } from '../activities/connections/notify-secret';
import { openAccount } from '../activities/connections/open-account';
import { DeliveryFailure } from '../activities/failures';
import { resealIdKeyOf } from '../activities/record/id-hashes';
import { listNotifiesOf, saveNotify } from '../db/connection-notices';
import { listConnections, readConnection, resealConnection } from '../db/connections';
import { readIdKey, resealIdKey } from '../db/id-key';
import type { Tx } from '../db/tx';
import type { Ops } from './open-ops';
import { CommandFailure, print, printDone, type JsonOption } from './output';

/** `ops connections rotate-key`: all that SECRETS_KEY seals. */
export function addRotateKeyCommand(connections: Command, ops: Ops): void {
  connections
    .command('rotate-key')
    .description('seal all secrets with SECRETS_KEY that SECRETS_KEY_PREVIOUS sealed')
    .option('--json', 'as JSON')
    .action(async (options: JsonOption) => {
      const [db, box] = [await ops.database(), await ops.secretBox()];
      const old = (await listConnections(db, {})).filter(({ secretsKeyId }) => secretsKeyId !== box.keyId);
      const left: string[] = [];
      for (const [done, { id, siteId, consumer, name }] of old.entries()) {
        await reseal(ops, db, id).catch((error: unknown) => {
          if (!(error instanceof DeliveryFailure)) throw error;
          left.push(`${siteId}/${consumer}/${name}: ${error.message}`);
        });
        if (!options.json) print(`${done + 1} of ${old.length}`);
      }
      for (const one of await listNotifiesOf(db, box.keyId)) {
        const { connectionId, url } = one;
        try {
          await saveNotify(
            db,
            connectionId,
            sealNotify(box, connectionId, url, openNotifySecret(box, connectionId, one)),
          );
        } catch {
          left.push(`the secret for messages about the connection ${connectionId}: give it again ("mend --notify")`);
        }
      }
      const idKey = await readIdKey(db);
      const isOpen = await resealIdKeyOf(idKey, box, (key) => resealIdKey(db, key));
      if (!isOpen) left.push('the key by which events are found');
      if (left.length > 0)
        throw new CommandFailure(
          `The secrets of ${left.length} connection(s) could not be opened: set the key that sealed them, or give them again ("mend").\n${left.join('\n')}`,
        );
      const text = `All secrets are sealed with the key ${box.keyId}; SECRETS_KEY_PREVIOUS is not needed any more.`;
      printDone(text, { keyId: box.keyId, resealed: old.length }, options);
    });
}

async function reseal(ops: Ops, db: Tx, id: string): Promise<void> {
  const box = await ops.secretBox();
  const connection = await readConnection(db, id);
  if (connection === undefined || connection.secretsKeyId === box.keyId) return;
  const sealed = box.seal(id, openAccount(id, connection, box).secrets as Record<string, string>); // they were sealed so
  if (!(await resealConnection(db, connection, sealed.bytes, sealed.keyId))) await reseal(ops, db, id);
}

import type { Command } from 'commander';
import { openAccount } from '../activities/connections/open-account';
import type { SecretBox } from '../activities/connections/secret-box';
import type { Account, ConnectionKind } from '../activities/consumer';
import { DeliveryFailure } from '../activities/failures';
import type { SealedConnection } from '../db/connections';
import { findConnection, kindOf } from './find-connection';
import type { Ops } from './open-ops';
import { describeNotify } from './notify';
import { printDone, type JsonOption } from './output';

/** `ops connections show`: one account, with the names of its secrets. */
export function addShowCommand(connections: Command, ops: Ops): void {
  connections
    .command('show')
    .description(
      'an account: its configuration, which secrets it has, and the values that the other side needs; it does not connect',
    )
    .argument('<connection>', 'its id, or site/consumer/name')
    .option('--json', 'as JSON')
    .action(async (place: string, options: JsonOption) => {
      const [db, box] = [await ops.database(), await ops.secretBox()];
      const connection = await findConnection(db, place);
      const kind = await kindOf(ops, connection.consumer);
      const { id, siteId, consumer, name, config, state, brokenReason, brokenSince, endsAt } = connection;
      const { secrets, says: ofAccount } = describeAccount(kind, connection, box);
      const says = [...ofAccount, ...(await describeNotify(db, box, id))];
      const value = { id, siteId, consumer, name, state, brokenReason, brokenSince, endsAt, config, secrets, says };
      const lines = [
        `${siteId}/${consumer}/${name} (${id}): ${state}`,
        ...(brokenReason === null ? [] : [`Broken since ${brokenSince?.toISOString()}: ${brokenReason}`]),
        ...(endsAt === null ? [] : [`Ends on ${endsAt.toISOString().slice(0, 10)}`]),
        `Configuration: ${JSON.stringify(config, undefined, 2)}`,
        `Secrets: ${secrets?.join(', ') ?? 'they cannot be opened: set the key that sealed them'}`,
        ...says,
      ];
      printDone(lines.join('\n'), value, options);
    });
}

/** Null: the secrets cannot be opened. */
function describeAccount(kind: ConnectionKind, connection: SealedConnection, box: SecretBox) {
  let account: Account;
  try {
    account = openAccount(connection.id, connection, box);
  } catch (error) {
    if (error instanceof DeliveryFailure) return { secrets: null, says: [] };
    throw error;
  }
  return { secrets: Object.keys(account.secrets as object), says: kind.describe?.(account) ?? [] }; // they were sealed from one
}

import type { ConnectionKind } from '../activities/consumer';
import { listConnections, readConnection, type ListedConnection, type SealedConnection } from '../db/connections';
import type { Tx } from '../db/tx';
import type { OnAnswer } from '../activities/http/exchange';
import type { Ops } from './open-ops';
import { CommandFailure } from './output';

export async function kindOf(ops: Ops, consumer: string, onAnswer?: OnAnswer): Promise<ConnectionKind> {
  const kinds = await ops.connectionKinds(onAnswer);
  const kind = Object.hasOwn(kinds, consumer) ? kinds[consumer] : undefined;
  if (kind !== undefined) return kind;
  throw new CommandFailure(`There is no "${consumer}"; there is ${Object.keys(kinds).join(', ')}.`);
}

/** @param place its id, or site/consumer/name */
export async function findConnection(db: Tx, place: string): Promise<SealedConnection & ListedConnection> {
  const all = await listConnections(db, {});
  const one = all.find(({ id, siteId, consumer, name }) => [id, `${siteId}/${consumer}/${name}`].includes(place));
  const sealed = one && (await readConnection(db, one.id));
  if (one === undefined || sealed === undefined) throw new CommandFailure(`There is no connection ${place}.`);
  return { ...one, ...sealed };
}

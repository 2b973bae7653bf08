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
  throw new CommandFailure(
    `There is no consumer "${consumer}" with connections; there is ${Object.keys(kinds).join(', ')}.`,
  );
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @param place its id, or site/consumer/name */
export async function findConnection(db: Tx, place: string): Promise<SealedConnection & ListedConnection> {
  const [siteId, consumer, name, ...more] = place.split('/');
  const isWhole = name !== undefined && more.length === 0;
  const filter = UUID.test(place) ? { id: place } : isWhole ? { siteId, consumer, name } : undefined;
  const [one] = filter === undefined ? [] : await listConnections(db, filter);
  const sealed = one && (await readConnection(db, one.id));
  if (one === undefined || sealed === undefined)
    throw new CommandFailure(`There is no connection ${place}; see "connections list".`);
  return { ...one, ...sealed };
}

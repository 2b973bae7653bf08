import { findEffects } from '../../db/demo/find-effects';
import { readAccountRows } from '../../db/demo/read-account-rows';
import { listConnections } from '../../db/demo/list-connections';
import { removeEffect } from '../../db/demo/remove-effects';
import type { Tx } from '../../db/tx';
import { account, acceptedEvents, impliedDeliveries, type Account, type Publication } from './account';
import type { Destinations } from './destinations';
import { chooseEffects, foundDeliveries } from './find-effects';

/** Looks at the destinations and at the product's rows, and computes the account of what was published. */
export async function takeAccount(
  db: Tx,
  publications: readonly Publication[],
  destinations: Destinations,
): Promise<Account> {
  const { connections, implied, found } = await look(db, publications);
  for (const id of destinations.found(implied)) found.add(id);
  return account({ publications, connections, found, rows: await readAccountRows(db) });
}

/**
 * Removes `count` effects from the domain tables, as a fault would that nobody noticed.
 *
 * @returns the deliveries whose effect is gone, as data queue and event key
 * @throws when there are not so many effects that stand alone
 */
export async function loseEffects(db: Tx, publications: readonly Publication[], count: number): Promise<string[]> {
  const { implied, found } = await look(db, publications);
  const chosen = chooseEffects(implied, found, count);
  if (chosen.length < count) throw new Error(`There are only ${chosen.length} effects that can be removed.`);
  for (const { dataQueue, key } of chosen) await removeEffect(db, dataQueue, key);
  return chosen.map(({ dataQueue, key }) => `${dataQueue} of ${key}`);
}

async function look(db: Tx, publications: readonly Publication[]) {
  const connections = await listConnections(db);
  const implied = impliedDeliveries(acceptedEvents(publications), connections);
  return { connections, implied, found: foundDeliveries(implied, await findEffects(db)) };
}

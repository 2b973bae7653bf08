import { readAccountRows } from './queries/read-account-rows';
import { listConnections } from './queries/list-connections';
import { findEffects, isInTable, removeEffect } from './queries/effects';
import type { Tx } from '../db/tx';
import { account, acceptedEvents, impliedDeliveries, type Account, type Publication } from './account';
import type { Destinations } from './destinations';
import { askingNoTicket, chooseEffects, foundDeliveries } from './find-effects';

/** Looks at the destinations and at the product's rows, and computes the account of the published events. */
export async function takeAccount(
  db: Tx,
  publications: readonly Publication[],
  destinations: Destinations,
): Promise<Account> {
  const { connections, implied, found } = await look(db, publications, destinations);
  const skipped = new Set([...askingNoTicket(implied), ...destinations.askingNothing(implied)]);
  return account({ publications, connections, found, skipped, rows: await readAccountRows(db) });
}

/**
 * Removes `count` effects from our own tables and from the sites' CRMs, as an unnoticed fault would.
 *
 * @returns the deliveries whose effect is gone, as data queue and event key
 * @throws when there are not so many effects that stand alone
 */
export async function loseEffects(
  db: Tx,
  publications: readonly Publication[],
  destinations: Destinations,
  count: number,
): Promise<string[]> {
  const { implied, found } = await look(db, publications, destinations);
  const removable = implied.filter((one) => isInTable(one.dataQueue) || destinations.canRemove(one));
  const chosen = chooseEffects(implied, new Set(removable.map(({ id }) => id).filter((id) => found.has(id))), count);
  if (chosen.length < count) throw new Error(`There are only ${chosen.length} effects that can be removed.`);
  for (const one of chosen) {
    if (isInTable(one.dataQueue)) await removeEffect(db, one.dataQueue, one.key);
    else destinations.remove(one);
  }
  return chosen.map(({ dataQueue, key }) => `${dataQueue} of ${key}`);
}

async function look(db: Tx, publications: readonly Publication[], destinations: Destinations) {
  const connections = await listConnections(db);
  const implied = impliedDeliveries(acceptedEvents(publications), connections);
  const found = new Set([...foundDeliveries(implied, await findEffects(db)), ...destinations.found(implied)]);
  return { connections, implied, found };
}

import {
  readDatabaseFacts,
  readStoreConnections,
  type DatabaseFacts,
  type StoreConnections,
} from '../../db/inspect-database';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { checkServer } from './check-server';
import type { Finding } from './finding';

const ANSWER_WITHIN_MS = 5_000;
/** Most connections of one host of a cluster: five roles with a pool of 12 and one of 4 (deploy/temporal/temporal.yaml). */
const OF_ONE_HOST = 80;

/**
 * Checks a Temporal cluster's own database without writing; of a database whose address is not given, nothing is said. One that does
 * not answer gives one failed line after some seconds.
 *
 * @param cluster its name
 * @param variable that has the address
 */
export async function checkClusterStore(
  cluster: string,
  url: string | undefined,
  variable: string,
): Promise<Finding[]> {
  if (!url) return [];
  const of = `${cluster}'s database`;
  const pool = createPool(url, { max: 1, statementTimeoutMs: ANSWER_WITHIN_MS });
  const tx = onPool(pool);
  try {
    const { host, pathname } = new URL(url);
    const facts = await readDatabaseFacts(tx);
    const room = checkStoreRoom(facts, await readStoreConnections(tx));
    return [...checkServer(of, facts, `${host}${pathname}`, variable), { of, ...room }];
  } catch (error) {
    const remedy = `Start it, or correct ${variable}.`;
    return [{ of, check: 'reachable', state: 'fail', found: (error as Error).message, remedy }];
  } finally {
    await pool.end();
  }
}

/** Whether all hosts of a cluster that are connected now may open as many connections as they are allowed to. */
export function checkStoreRoom(
  { maxConnections, reservedConnections, connections }: DatabaseFacts,
  own: StoreConnections,
): Omit<Finding, 'of'> {
  const hosts = Math.max(1, own.hosts);
  const needed = hosts * OF_ONE_HOST;
  const room = maxConnections - reservedConnections - (connections - own.connections);
  const finding = {
    check: 'connections',
    found: `${own.connections} from ${hosts} ${hosts === 1 ? 'host' : 'hosts'}, at most ${needed}; there is room for ${room}`,
  };
  if (room >= needed) return { ...finding, state: 'ok' };
  const remedy = `Set max_connections to ${maxConnections + needed - room}, or lower POSTGRES_CONNECTIONS of the hosts.`;
  return { ...finding, state: 'warn', remedy };
}

import type { DatabaseFacts } from '../../db/inspect-database';
import type { Finding } from './finding';

/** The oldest version that has every feature of the statements. */
const OLDEST_MAJOR = 15;

/**
 * Version and durability of one PostgreSQL.
 *
 * @param where its address, for people
 * @param variable that names it
 */
export function checkServer(of: string, facts: DatabaseFacts, where: string, variable: string): Finding[] {
  const { version, versionNumber, readOnly, durable, synchronousStandbys } = facts;
  const reachable = { of, check: 'reachable', found: `PostgreSQL ${version} at ${where}` };
  const durability = { of, check: 'durability' };
  return [
    readOnly
      ? {
          ...reachable,
          state: 'fail',
          found: `${reachable.found} is a replica`,
          remedy: `Name the primary in ${variable}.`,
        }
      : versionNumber < OLDEST_MAJOR * 10_000
        ? { ...reachable, state: 'warn', remedy: `PostgreSQL ${OLDEST_MAJOR} is the oldest that is expected to do.` }
        : { ...reachable, state: 'ok' },
    durable
      ? {
          ...durability,
          state: 'ok',
          found: synchronousStandbys ? `commits wait for ${synchronousStandbys}` : 'commits wait for its own disk',
        }
      : {
          ...durability,
          state: 'fail',
          found: 'a crash of its machine loses committed transactions',
          remedy: 'alter system set fsync = on; alter system set synchronous_commit = on; select pg_reload_conf();',
        },
  ];
}

import { types, type Pool } from 'pg';
import { openPool } from './database-client';

// count(*) and bigint sums stay far below 2^53 here, so numbers are safe and easier to work with than strings.
types.setTypeParser(types.builtins.INT8, Number);

export interface PoolOptions {
  /** Most connections at once. Default 20. */
  readonly max?: number;
  /** Milliseconds after which the server ends a statement. Below every activity's startToClose. Default 10,000. */
  readonly statementTimeoutMs?: number;
  /**
   * True = the planner avoids reading a whole table, which is the cheapest plan while the table is small and may be kept when it
   * grows. For statements that all look up rows by an index. Default false.
   */
  readonly forLookUps?: boolean;
}

const defaults = { max: 20, statementTimeoutMs: 10_000, forLookUps: false } satisfies PoolOptions;

/**
 * A pool of sessions with deadlines: the server ends statements and idle transactions that take too long; a connection that
 * cannot be opened within 5 seconds, or the time of a statement if that is less, is an error.
 */
export function createPool(url: string, options: PoolOptions = {}): Pool {
  const { max, statementTimeoutMs, forLookUps } = { ...defaults, ...options };
  return openPool({
    connectionString: url,
    max,
    connectionTimeoutMillis: Math.min(5_000, statementTimeoutMs),
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 2_000, // a server that does not answer at all
    idle_in_transaction_session_timeout: statementTimeoutMs,
    ...(forLookUps && { options: '-c enable_seqscan=off' }),
    application_name: 'chat-events',
    keepAlive: true,
  });
}

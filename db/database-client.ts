import { Client, Pool, type ClientConfig, type PoolConfig } from 'pg';

/**
 * A session with PostgreSQL whose loss does not end the process. An `error` event without a listener would, and a lost session
 * emits one at any moment, even between two statements. The next statement throws the same error.
 */
export class DatabaseClient extends Client {
  constructor(config: ClientConfig) {
    super(config);
    this.on('error', () => {});
  }
}

/** A pool of such sessions; a lost session is removed, and the next statement opens another. */
export function openPool(config: PoolConfig): Pool {
  // The pool makes each client with its own configuration, which its type leaves out.
  const pool = new Pool({ ...config, Client: DatabaseClient as unknown as NonNullable<PoolConfig['Client']> });
  pool.on('error', () => {});
  return pool;
}

import { Client, Pool, type ClientConfig, type PoolConfig } from 'pg';

/**
 * A session with PostgreSQL whose loss never ends the process: an `error` that no listener hears does, and one may come at any
 * moment, even between two statements, before the next holder of the session has run. The next statement reports the same.
 */
export class DatabaseClient extends Client {
  constructor(config: ClientConfig) {
    super(config);
    this.on('error', () => {});
  }
}

/** A pool of such sessions; one that is lost is dropped, and the next statement opens another. */
export function openPool(config: PoolConfig): Pool {
  // The pool makes each client with its own configuration, which its type leaves out.
  const pool = new Pool({ ...config, Client: DatabaseClient as unknown as NonNullable<PoolConfig['Client']> });
  pool.on('error', () => {});
  return pool;
}

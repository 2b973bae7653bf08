import type { Tx } from './tx';

/** How large the database is, and where its server keeps it. */
export interface DatabaseSize {
  readonly bytes: number;
  /** Folder of its server; null = this role may not read the setting (pg_read_all_settings may). */
  readonly dataDirectory: string | null;
  /** Address at which the server took this connection; null = a socket of its machine. */
  readonly serverAddress: string | null;
}

export async function readSize(tx: Tx): Promise<DatabaseSize> {
  const { rows } = await tx.query<DatabaseSize>(READ_SIZE);
  const [size] = rows;
  if (size === undefined) throw new Error('PostgreSQL gave no row.');
  return size;
}

const READ_SIZE = `
select pg_database_size(current_database()) as bytes, host(inet_server_addr()) as "serverAddress",
  (select setting from pg_settings where name = 'data_directory') as "dataDirectory"`;

import type { Tx } from '../../db/tx';

/** Ends every other session of this database, as an administrator does. */
export async function endOtherSessions(tx: Tx): Promise<void> {
  await tx.query(END);
}

const END = `
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;

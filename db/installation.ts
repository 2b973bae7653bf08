import type { Tx } from './tx';

/** The id of the installation that this database belongs to; undefined: it was made before there were any. */
export async function readInstallation(tx: Tx): Promise<string | undefined> {
  return (await tx.query<{ id: string }>(READ)).rows[0]?.id;
}

const READ = `select id from installation`;

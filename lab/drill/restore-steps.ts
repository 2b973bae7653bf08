import { chown, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseClient } from '../../db/database-client';
import { runCommand } from '../../stack/run-command';
import type { System } from './open-system';
import type { Step } from './scenario';

/** Copies the running database, as a base backup does. */
export const copyDatabase = (): Step => ({
  says: 'the database is copied',
  isFault: false,
  isForgotten: true,
  async run(system) {
    const { data, copy } = foldersOf(system);
    const client = new DatabaseClient({ connectionString: system.servers.postgres.url }); // a backup belongs to its session
    await client.connect();
    try {
      await client.query(`select pg_backup_start('drill', true)`);
      await copyFolder(data, copy);
      const { rows } = await client.query<{ labelfile: string }>('select * from pg_backup_stop(false)');
      await rm(join(copy, 'pg_wal'), { recursive: true });
      await copyFolder(join(data, 'pg_wal'), join(copy, 'pg_wal')); // up to the end of the backup
      const label = join(copy, 'backup_label');
      await writeFile(label, rows[0]?.labelfile ?? '');
      const { uid, gid } = await stat(copy);
      await chown(label, uid, gid);
    } finally {
      await client.end();
    }
    await rm(join(copy, 'postmaster.pid'), { force: true });
  },
});

/** Puts the copy in the place of the database: rows that were written since are gone. */
export const restoreDatabase = (): Step => ({
  says: 'the database is restored from the copy',
  isFault: true,
  async run(system) {
    const { data, copy } = foldersOf(system);
    const { postgres } = system.servers;
    await postgres.kill();
    await rm(data, { recursive: true });
    await rename(copy, data);
    await postgres.restart();
  },
});

/** From well before the copy. */
const SINCE_MS = 3 * 60_000;

/** The operator's part, for each journal: `ops journal replay`. */
export const replayJournals = (): Step => ({
  says: 'the journals are replayed',
  isFault: false,
  async run({ folder, publishers, servers, release }) {
    const since = new Date(Date.now() - SINCE_MS).toISOString();
    const env = { TEMPORAL_ADDRESS: servers.main.address, TEMPORAL_STANDBY_ADDRESS: servers.standby.address };
    for (const n of publishers.keys()) {
      const replay = ['journal', 'replay', '--dir', join(folder, `journal-${n}`), '--since', since];
      const { code, output } = await runCommand(['tsx', 'ops/main.ts', ...replay], { env, cwd: release.root });
      if (code !== 0) throw new Error(`The journal was not replayed: ${output}`);
    }
  },
});

const foldersOf = ({ folder }: System) => ({
  data: join(folder, 'postgres', 'data'),
  copy: join(folder, 'postgres', 'copy'),
});

/** With owners and times; files that a running server removes meanwhile are left out. */
async function copyFolder(from: string, to: string): Promise<void> {
  const { code, output } = await runCommand(['cp', '-a', from, to]);
  const failures = output.split('\n').filter((line) => line !== '' && !line.includes('No such file or directory'));
  if (code !== 0 && failures.length > 0) throw new Error(failures.join('\n'));
}

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { startPostgres } from './start-postgres';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'start-postgres-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>({ text: sql, rowMode: 'array' } as never)).rows.flat();
  } finally {
    await client.end();
  }
}

test('keeps its data over a stop, a crash and a restart', async () => {
  const first = await startPostgres({ dataDir: folder });
  try {
    await query(first.url, 'create table kept (n int)');
    await first.kill();
    await first.restart();
    await query(first.url, 'insert into kept values (7)');
  } finally {
    await first.stop();
  }
  const second = await startPostgres({ dataDir: folder });
  try {
    expect(await query(second.url, 'select n from kept')).toEqual([7]);
    expect(await query(second.url, 'show fsync')).toEqual(['on']);
  } finally {
    await second.stop();
  }
});

test('starts although a lock file of a crash names a process that is something else now', async () => {
  const first = await startPostgres({ dataDir: folder });
  await first.stop();
  await writeFile(join(folder, 'data', 'postmaster.pid'), `${process.pid}\n${join(folder, 'data')}\n`);
  const second = await startPostgres({ dataDir: folder });
  await expect(query(second.url, 'select 1')).resolves.toEqual([1]);
  await second.stop();
});

test('names both versions when the data was made by another major version', async () => {
  const first = await startPostgres({ dataDir: folder });
  await first.stop();
  await writeFile(join(folder, 'data', 'PG_VERSION'), '15\n');
  await expect(startPostgres({ dataDir: folder })).rejects.toThrow(/made by PostgreSQL 15, but this is PostgreSQL 18/);
});

test('reports the end of the server log when the server cannot start', async () => {
  const first = await startPostgres({ dataDir: folder });
  await first.stop();
  const config = join(folder, 'data', 'postgresql.conf');
  await writeFile(config, `${await readFile(config, 'utf8')}\nno_such_setting = 1\n`);
  await expect(startPostgres({ dataDir: folder })).rejects.toThrow(/no_such_setting/);
});

test('removes temporary data when it stops', async () => {
  const server = await startPostgres();
  const [data] = await query(server.url, 'show data_directory');
  await server.stop();
  await expect(stat(dirname(String(data)))).rejects.toThrow(/ENOENT/);
});

test('uses a given server and starts nothing', async () => {
  const server = await startPostgres({ url: 'postgres://somewhere/else' });
  expect(server).toMatchObject({ url: 'postgres://somewhere/else', pid: undefined });
  await server.stop();
});

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../prisma/migrate';
import { readMigrations } from '../prisma/migration-files';
import { withSchemaEngine } from '../prisma/schema-engine';
import { compiled } from '../tests/compiled';
import { createEmptyDatabase, type TestDatabase } from '../tests/database';

const root = join(__dirname, '..');
const schema = readFileSync(join(root, 'prisma', 'schema.prisma'), 'utf8');
const databases: TestDatabase[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(databases.splice(0).map((database) => database.drop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function emptyDatabase(): Promise<string> {
  const database = await createEmptyDatabase();
  databases.push(database);
  return database.url;
}

/** A folder with these scripts as its migrations. */
function prismaFolder(scripts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'prisma-'));
  folders.push(folder);
  for (const [name, script] of Object.entries(scripts)) write(folder, name, script);
  return folder;
}

function write(folder: string, name: string, script: string): void {
  mkdirSync(join(folder, 'migrations', name), { recursive: true });
  writeFileSync(join(folder, 'migrations', name, 'migration.sql'), script);
}

async function query<R extends object>(url: string, sql: string): Promise<R[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

const recordsOf = (url: string) =>
  query(
    url,
    `select checksum, migration_name, logs is not null as logged, applied_steps_count, finished_at > started_at as finished,
       rolled_back_at > started_at as rolled_back, length(id) as id, started_at <= now() as started
     from _prisma_migrations order by migration_name, _prisma_migrations.started_at`,
  );

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('npm run migrate', () => {
  it('says which database does not answer, without its password', async () => {
    const env = { ...process.env, DATABASE_URL: 'postgres://ann:hunter2@127.0.0.1:1/chats' };
    const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
      execFile(process.execPath, [compiled('scripts/migrate')], { cwd: root, env }, (error, stdout, stderr) => {
        resolve({ code: error?.code, output: stdout + stderr });
      });
    });

    expect(code).toBe(1);
    expect(output).toContain('No connection to the database chats at 127.0.0.1:1');
    expect(output).not.toContain('hunter2');
  });

  it('applies every migration once when two processes start it at the same time', async () => {
    const url = await emptyDatabase();

    const runs = await Promise.all([migrate(url), migrate(url)]);

    const sorted = runs.sort((one, other) => one.applied.length - other.applied.length);
    expect(sorted).toEqual([{ applied: [] }, { applied: readMigrations().map(({ name }) => name) }]);
  });

  it('runs a script as one transaction, and one statement without any if it has to', async () => {
    const url = await emptyDatabase();
    const folder = prismaFolder({
      '1_tables': '-- a; comment\nCREATE TABLE a (id int);\nDO $$ BEGIN\n  INSERT INTO a VALUES (1);\nEND $$;',
      '2_index': 'CREATE INDEX CONCURRENTLY a_id ON a (id);',
      '3_own': 'BEGIN;\nCREATE TABLE b (id int);\nCOMMIT;\nCREATE TABLE c (id int);\nSELECT nothing FROM a;',
    });

    await expect(migrate(url, folder)).rejects.toThrow(
      'The migration 3_own failed: column "nothing" does not exist (migration.sql, line 5).',
    );

    expect(await query(url, 'select id from a')).toEqual([{ id: 1 }]);
    const indices = `select indexdef as found from pg_indexes where tablename = 'a'`;
    expect(await query(url, indices)).toEqual([{ found: 'CREATE INDEX a_id ON public.a USING btree (id)' }]);
    expect(await query(url, `select to_regclass('b')::text as b, to_regclass('c') as c`)).toEqual([
      { b: 'b', c: null },
    ]);
  });

  it('builds an index anew that an ended process has left half-built, and keeps one that is whole', async () => {
    const url = await emptyDatabase();
    const script = (name: string) => `-- why\nCREATE INDEX CONCURRENTLY IF NOT EXISTS "${name}" ON a ("id");`;
    const unique = 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "a_id" ON a ("id");';
    const folder = prismaFolder({
      '1_tables': 'CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1); CREATE INDEX whole ON a (id);',
      '2_index': unique,
    });
    await expect(migrate(url, folder)).rejects.toThrow('could not create unique index "a_id"');
    const indices =
      'select indexrelid::regclass::text as name, indisvalid as valid from pg_index where indrelid = $a$a$a$::regclass order by 1';
    expect(await query(url, indices)).toContainEqual({ name: 'a_id', valid: false });

    write(folder, '2_index', script('a_id'));
    write(folder, '3_whole', script('whole'));
    expect(await migrate(url, folder)).toEqual({ applied: ['2_index', '3_whole'] });
    expect(await query(url, indices)).toEqual([
      { name: 'a_id', valid: true },
      { name: 'whole', valid: true },
    ]);
  });

  it('leaves nothing of a migration that fails, and applies it when it is mended', async () => {
    const url = await emptyDatabase();
    const folder = prismaFolder({
      '1_half': '-- half; of it\nCREATE TABLE half (id int);\nCREATE TABLE half (id int);',
    });

    await expect(migrate(url, folder)).rejects.toThrow('"half" already exists');
    expect(await query(url, `select from pg_class where relname = 'half'`)).toEqual([]);
    write(folder, '1_half', 'CREATE TABLE half (id int);');

    expect(await migrate(url, folder)).toEqual({ applied: ['1_half'] });
    expect(await migrate(url, folder)).toEqual({ applied: [] });
  });

  it('refuses a migration that was edited after it was applied, and takes other line ends for the same', async () => {
    const url = await emptyDatabase();
    const folder = prismaFolder({ '1_first': 'CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n' });
    await migrate(url, folder);

    write(folder, '1_first', 'CREATE TABLE a (id int);\r\nCREATE TABLE b (id int);\r\n');
    write(folder, '2_second', 'CREATE TABLE c (id int);');
    expect(await migrate(url, folder)).toEqual({ applied: ['2_second'] });

    write(folder, '1_first', 'CREATE TABLE a (id int, note text);');
    write(folder, '3_third', 'CREATE TABLE d (id int);');
    await expect(migrate(url, folder)).rejects.toThrow(/^Modified after it was applied: 1_first\./);
    expect(await query(url, `select from pg_class where relname = 'd'`)).toEqual([]);
  });

  it('touches no database that has tables of others', async () => {
    const url = await emptyDatabase();
    await query(url, 'create table theirs (id int)');

    await expect(migrate(url)).rejects.toThrow('The database has tables and no record of migrations');
    expect(await query(url, 'select tablename from pg_tables where schemaname = current_schema()')).toHaveLength(1);
  });
});

describe("Prisma's schema engine and npm run migrate", () => {
  const scripts = { '1_first': 'CREATE TABLE a (id int)', '2_second': 'CREATE TABLE b (id int)' };
  const filters = { externalTables: [], externalEnums: [] };
  const listOf = (folder?: string) => ({
    baseDir: 'migrations',
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"' },
    shadowDbInitScript: '',
    migrationDirectories: readMigrations(folder).map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: script } },
    })),
  });
  /** `prisma migrate deploy`. */
  const deploy = async (url: string, folder: string) => {
    const input = { migrationsList: listOf(folder), filters };
    const work = withSchemaEngine(url, schema, (engine) => engine.applyMigrations(input));
    return (await work).appliedMigrationNames;
  };
  /** `prisma migrate status`. */
  const status = (url: string, folder?: string) => {
    const input = { migrationsList: listOf(folder), optInToShadowDatabase: false, filters };
    return withSchemaEngine(url, schema, (engine) => engine.diagnoseMigrationHistory(input));
  };

  it('keep the same records in the same table', async () => {
    const [ours, theirs] = [await emptyDatabase(), await emptyDatabase()];
    const folder = prismaFolder(scripts);
    await migrate(ours, folder);
    await deploy(theirs, folder);

    const columns = `select column_name, data_type, character_maximum_length, is_nullable, column_default
      from information_schema.columns where table_name = '_prisma_migrations' order by ordinal_position`;
    expect(await query(ours, columns)).toEqual(await query(theirs, columns));
    expect(await recordsOf(ours)).toEqual(await recordsOf(theirs));
    expect(await recordsOf(ours)).toMatchObject(
      Object.entries(scripts).map(([name, script]) => ({
        migration_name: name,
        checksum: sha256(script),
        finished: true,
        rolled_back: null,
        applied_steps_count: 1,
      })),
    );
  });

  it('follow each other', async () => {
    const url = await emptyDatabase();
    const folder = prismaFolder({ '1_first': scripts['1_first'] });
    expect(await deploy(url, folder)).toEqual(['1_first']);
    write(folder, '2_second', scripts['2_second']);
    expect(await migrate(url, folder)).toEqual({ applied: ['2_second'] });
    write(folder, '3_third', 'CREATE TABLE c (id int)');
    expect(await deploy(url, folder)).toEqual(['3_third']);
    expect(await migrate(url, folder)).toEqual({ applied: [] });
  });

  it('say the same of one that failed', async () => {
    const [ours, theirs] = [await emptyDatabase(), await emptyDatabase()];
    const folder = prismaFolder({ '1_bad': 'CREATE TABLE a (id nothing)' });
    await expect(migrate(ours, folder)).rejects.toThrow('type "nothing" does not exist');
    await expect(deploy(theirs, folder)).rejects.toThrow('type "nothing" does not exist');
    expect(await recordsOf(ours)).toEqual(await recordsOf(theirs));
    expect(await status(ours, folder)).toMatchObject({ failedMigrationNames: ['1_bad'] });

    write(folder, '1_bad', 'CREATE TABLE a (id int)');
    for (const url of [ours, theirs]) expect(await migrate(url, folder)).toEqual({ applied: ['1_bad'] });
    expect(await recordsOf(ours)).toEqual(await recordsOf(theirs));
    expect(await recordsOf(ours)).toMatchObject([
      { finished: null, rolled_back: true, logged: true, applied_steps_count: 0 },
      { finished: true, rolled_back: null, logged: false, applied_steps_count: 1 },
    ]);
    expect(await status(ours, folder)).toMatchObject({ failedMigrationNames: [], history: null });
  });

  it("find nothing to do after the product's migrations", async () => {
    const url = await emptyDatabase();
    await migrate(url);
    expect(await status(url)).toMatchObject({
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
      history: null,
    });
  });
});

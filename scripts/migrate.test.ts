import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createDatabase, createEmptyDatabase, type TestDatabase } from '../tests/database';

const root = join(__dirname, '..');
const databases: TestDatabase[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(databases.splice(0).map((database) => database.drop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function given(database: Promise<TestDatabase>): Promise<string> {
  databases.push(await database);
  return (await database).url;
}

/** A copy of schema.prisma and the migrations that a test may change. */
function copyOfPrisma(): string {
  const folder = mkdtempSync(join(tmpdir(), 'prisma-'));
  folders.push(folder);
  cpSync(join(root, 'prisma'), folder, { recursive: true, filter: (source) => !source.endsWith('.ts') });
  return folder;
}

function migrations(folder = join(root, 'prisma')): string[] {
  return readdirSync(join(folder, 'migrations')).filter((name) => name !== 'migration_lock.toml');
}

/** Runs the command as a user would; jest itself cannot load the schema engine, which is an ES module. */
function command(args: readonly string[], env: Record<string, string>): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const script = join(root, 'scripts', 'migrate.ts');
    const options = { cwd: root, env: { ...process.env, ...env } };
    execFile(process.execPath, ['--import', 'tsx', script, ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, output: stdout + stderr });
    });
  });
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

const shadow = () => ({ SHADOW_DATABASE_URL: process.env['TEST_POSTGRES_URL'] ?? '' });

describe('npm run migrate', () => {
  it('applies every migration once when two processes start it at the same time', async () => {
    const url = await given(createEmptyDatabase());

    const runs = await Promise.all([command([], { DATABASE_URL: url }), command([], { DATABASE_URL: url })]);

    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(runs.map(({ output }) => output.trim()).sort()).toEqual([
      `Applied ${migrations().join(', ')}.`,
      'The database is up to date.',
    ]);
  });

  it('keeps the record that `prisma migrate deploy` keeps: name, SHA-256 of the script, finished', async () => {
    const url = await given(createDatabase());

    const record = await query(
      url,
      'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1',
    );

    const sha256 = (name: string) =>
      createHash('sha256')
        .update(readFileSync(join(root, 'prisma', 'migrations', name, 'migration.sql')))
        .digest('hex');
    expect(record).toEqual(migrations().map((name) => ({ migration_name: name, checksum: sha256(name) })));
  });

  it('leaves nothing of a migration that fails, and applies it when it is mended', async () => {
    const url = await given(createDatabase());
    const folder = copyOfPrisma();
    const directory = join(folder, 'migrations', '99990101000000_broken');
    cpSync(join(folder, 'migrations', migrations(folder)[0] ?? ''), directory, { recursive: true });
    const file = join(directory, 'migration.sql');

    writeFileSync(file, '-- half; of it\nCREATE TABLE first_half (id int);\nCREATE TABLE event (id int);');
    const failed = await command(['--folder', folder], { DATABASE_URL: url });
    const left = await query(url, `SELECT FROM pg_class WHERE relname = 'first_half'`);
    writeFileSync(file, 'CREATE TABLE first_half (id int);');
    const mended = await command(['--folder', folder], { DATABASE_URL: url });

    expect(failed).toMatchObject({ code: 1, output: expect.stringContaining('"event" already exists') });
    expect(left).toEqual([]);
    expect(mended).toMatchObject({ code: 0, output: 'Applied 99990101000000_broken.\n' });
  });

  it('says which database does not answer, without its password', async () => {
    const { code, output } = await command([], { DATABASE_URL: 'postgres://ann:hunter2@127.0.0.1:1/chats' });

    expect(code).toBe(1);
    expect(output).toContain('No connection to the database chats at 127.0.0.1:1');
    expect(output).not.toContain('hunter2');
  });
});

describe('npm run migrate -- --check', () => {
  it('finds that schema.prisma and the migrations agree', async () => {
    expect(await command(['--check'], shadow())).toEqual({
      code: 0,
      output: 'schema.prisma and the migrations agree.\n',
    });
  });

  it.each([
    ['a new column', /(model Event \{\n)/, '$1  note String?\n', 'ADD COLUMN     "note" TEXT'],
    ['another condition of an index', /where: \{ state: "parked" \}/, 'where: { state: "pending" }', 'CREATE INDEX'],
    ['a lost default', / @default\("active"\)/, '', 'ALTER COLUMN "state" DROP DEFAULT'],
  ])('notices %s in schema.prisma', async (_, found, replaced, missing) => {
    const folder = copyOfPrisma();
    const schema = join(folder, 'schema.prisma');
    writeFileSync(schema, readFileSync(schema, 'utf8').replace(found, replaced));

    const { code, output } = await command(['--check', '--folder', folder], shadow());

    expect(code).toBe(1);
    expect(output).toContain(missing);
  });

  it('notices a change that only a migration makes', async () => {
    const folder = copyOfPrisma();
    const last = join(folder, 'migrations', migrations(folder).at(-1) ?? '', 'migration.sql');
    writeFileSync(last, `${readFileSync(last, 'utf8')}\nALTER TABLE event ADD COLUMN note text;`);

    expect(await command(['--check', '--folder', folder], shadow())).toMatchObject({ code: 1 });
  });
});

describe('npm run migrate -- --diff', () => {
  it('writes the migration that brings both together again', async () => {
    const folder = copyOfPrisma();
    const schema = join(folder, 'schema.prisma');
    writeFileSync(schema, readFileSync(schema, 'utf8').replace(/(model Event \{\n)/, '$1  note String?\n'));

    const written = await command(['--diff', 'event_note', '--folder', folder], shadow());
    const checked = await command(['--check', '--folder', folder], shadow());

    expect(written.code).toBe(0);
    expect(migrations(folder).at(-1)).toMatch(/^\d{14}_event_note$/);
    expect(checked.code).toBe(0);
  });
});

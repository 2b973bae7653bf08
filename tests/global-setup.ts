import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { DatabaseClient } from '../db/database-client';
import { findPostgresBinaries } from '../stack/postgres-binaries';
import { POSTGRES_TEMPLATE, preparePostgresData } from '../stack/postgres-data';
import { runPostgresAs } from '../stack/postgres-user';
import { startPostgres, type Postgres } from '../stack/start-postgres';
import { startTemporal, type Temporal } from '../stack/start-temporal';
import { bundleWorkflows } from '../workers/create-workers';

declare global {
  var testServers: (Postgres | Temporal)[] | undefined;
  var testFolder: string | undefined;
}

/**
 * One PostgreSQL and one Temporal dev server for the whole test run, both fresh, addresses in TEST_POSTGRES_URL and
 * TEST_TEMPORAL_ADDRESS. DATABASE_URL and TEMPORAL_ADDRESS name servers to use instead. The workflow code is bundled once, for all
 * workers: WORKFLOW_BUNDLE. The product's code is compiled once, for the processes that tests start: tests/compiled.ts.
 */
export default async function globalSetup(): Promise<void> {
  globalThis.testServers = [];
  const folder = await mkdtemp(join(tmpdir(), 'chat-events-tests-'));
  globalThis.testFolder = folder;
  await Promise.all([usePostgres(folder), useTemporal(), useBundle(folder), useCompiled(folder)]);
}

async function usePostgres(folder: string): Promise<void> {
  if (!process.env['DATABASE_URL'] && process.platform !== 'win32')
    await makePostgresTemplate(join(folder, 'postgres'));
  const postgres = await startPostgres({ url: process.env['DATABASE_URL'] });
  globalThis.testServers?.push(postgres);
  process.env['TEST_POSTGRES_URL'] = postgres.url;
  if (!process.env['DATABASE_URL']) await withoutFsync(postgres.url);
}

/** For the servers that suites start themselves, too. */
async function makePostgresTemplate(folder: string): Promise<void> {
  await mkdir(folder);
  const binaries = await findPostgresBinaries();
  await preparePostgresData(folder, binaries, await runPostgresAs([binaries.postgres, join(folder, 'data')]));
  process.env[POSTGRES_TEMPLATE] = folder;
}

/** Its data need not outlive this machine's power, and a database is made for nearly every suite. */
async function withoutFsync(url: string): Promise<void> {
  const client = new DatabaseClient({ connectionString: url });
  await client.connect();
  for (const setting of ['fsync', 'full_page_writes']) await client.query(`alter system set ${setting} = off`);
  await client.query('select pg_reload_conf()');
  await client.end();
}

async function useTemporal(): Promise<void> {
  const dynamicConfig = {
    'frontend.WorkflowPauseEnabled': true,
    'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute': 2, // by default 5, which takes a minute
  };
  const temporal = await startTemporal({ address: process.env['TEMPORAL_ADDRESS'], dynamicConfig });
  globalThis.testServers?.push(temporal);
  process.env['TEST_TEMPORAL_ADDRESS'] = temporal.address;
}

async function useBundle(folder: string): Promise<void> {
  process.env['WORKFLOW_BUNDLE'] = join(folder, 'workflow-bundle.js');
  await writeFile(process.env['WORKFLOW_BUNDLE'], (await bundleWorkflows()).code);
}

const PRODUCT = 'activities client db events ingress ops prisma protocol scripts stack workers workflows'.split(' ');

async function useCompiled(folder: string): Promise<void> {
  process.env['TEST_COMPILED'] = folder;
  const root = join(__dirname, '..');
  for (const name of ['node_modules', 'prisma']) await symlink(join(root, name), join(folder, name));
  await build({
    absWorkingDir: root,
    entryPoints: PRODUCT.flatMap((name) => [`${name}/**/*.ts`, `${name}/**/*.tsx`]),
    outdir: join(folder, 'dist'),
    outbase: '.',
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
    logLevel: 'error',
  });
}

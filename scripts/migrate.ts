import { parseArgs } from 'node:util';
import { findDrift, writeMigration } from '../prisma/drift';
import { migrate } from '../prisma/migrate';
import { prismaFolder } from '../prisma/migration-files';
import { startPostgres } from '../stack/start-postgres';

const usage = `npm run migrate                    applies what DATABASE_URL lacks
npm run migrate -- --check         exits 1 when schema.prisma and the migrations say different things
npm run migrate -- --diff NAME     writes the migration that is missing between them

--check and --diff need a server for a while: the one of SHADOW_DATABASE_URL, else a temporary one.
--folder PATH takes schema.prisma and migrations/ from there.`;

async function main(): Promise<void> {
  const options = { check: { type: 'boolean' }, diff: { type: 'string' }, folder: { type: 'string' } } as const;
  const { check, diff, folder = prismaFolder } = parseArgs({ options }).values;
  if (!check && diff === undefined) {
    const { applied } = await migrate(process.env['DATABASE_URL'] ?? '', folder);
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
    return;
  }
  const drift = await withServer((serverUrl) => findDrift(serverUrl, folder));
  if (drift === '') console.log('schema.prisma and the migrations agree.');
  else if (diff !== undefined) console.log(`Wrote ${writeMigration(diff, drift, folder)}.`);
  else throw new Error(`The migrations lack this (npm run migrate -- --diff NAME writes it):\n\n${drift}`);
}

async function withServer<T>(work: (serverUrl: string) => Promise<T>): Promise<T> {
  const postgres = await startPostgres({ url: process.env['SHADOW_DATABASE_URL'] });
  try {
    return await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}

function report(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const misused = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(misused ? `${message}\n\n${usage}` : message);
  process.exit(1);
}

// The engine leaves the timer of its lock behind, for which the process would wait ten seconds.
if (require.main === module) main().then(() => process.exit(0), report);

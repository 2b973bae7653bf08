import { parseArgs } from 'node:util';
import { migrate } from '../prisma/migrate';
import { withFiles } from '../workers/read-environment';
import { prismaFolder } from '../prisma/migration-files';

const usage = `npm run migrate                    applies the migrations that DATABASE_URL lacks
npm run migrate -- --check         exits 1 when schema.prisma and the migrations say different things
npm run migrate -- --diff NAME     writes the migration that is missing between them

--check and --diff need a server for a while: the one of SHADOW_DATABASE_URL, else a temporary one.
--folder PATH takes schema.prisma and migrations/ from there.`;

async function main(): Promise<void> {
  const options = { check: { type: 'boolean' }, diff: { type: 'string' }, folder: { type: 'string' } } as const;
  const { check, diff, folder = prismaFolder } = parseArgs({ options }).values;
  if (!check && diff === undefined) {
    const { applied } = await migrate(withFiles(process.env)['DATABASE_URL'] ?? '', folder);
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
    return;
  }
  // Prisma's engine and the servers of developers are not in production's image.
  const { findDrift, writeMigration } = await import('../prisma/drift.js');
  const { startPostgres } = await import('../stack/start-postgres.js');
  const postgres = await startPostgres({ url: process.env['SHADOW_DATABASE_URL'] });
  let drift: string;
  try {
    drift = await findDrift(postgres.url, folder);
  } finally {
    await postgres.stop();
  }
  if (drift === '') console.log('schema.prisma and the migrations agree.');
  else if (diff !== undefined) console.log(`Wrote ${writeMigration(diff, drift, folder)}.`);
  else throw new Error(`The migrations lack this (npm run migrate -- --diff NAME writes it):\n\n${drift}`);
}

function report(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const misused = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(misused ? `${message}\n\n${usage}` : message);
  process.exitCode = 1;
}

if (require.main === module) main().catch(report);

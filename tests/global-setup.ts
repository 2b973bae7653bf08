import { startPostgres, type Postgres } from '../scripts/stack/start-postgres';
import { startTemporal, type Temporal } from '../scripts/stack/start-temporal';

declare global {
  var testServers: (Postgres | Temporal)[] | undefined;
}

/**
 * One PostgreSQL and one Temporal dev server for the whole test run, both fresh, addresses in TEST_POSTGRES_URL and
 * TEST_TEMPORAL_ADDRESS. DATABASE_URL and TEMPORAL_ADDRESS name servers to use instead.
 */
export default async function globalSetup(): Promise<void> {
  globalThis.testServers = [];
  await Promise.all([usePostgres(), useTemporal()]);
}

async function usePostgres(): Promise<void> {
  const postgres = await startPostgres({ url: process.env['DATABASE_URL'] });
  globalThis.testServers?.push(postgres);
  process.env['TEST_POSTGRES_URL'] = postgres.url;
}

async function useTemporal(): Promise<void> {
  const temporal = await startTemporal({ address: process.env['TEMPORAL_ADDRESS'] });
  globalThis.testServers?.push(temporal);
  process.env['TEST_TEMPORAL_ADDRESS'] = temporal.address;
}

import { consumerNames } from '../activities/consumers';
import { relations } from '../activities/consumers/relations';
import { withMigrationLock } from './migration-lock';

// Rows that exist stay as they are: an operator may have paused one or given a data queue to another consumer.
const insertMissing = `
INSERT INTO subscription (data_queue, site_id, event_type, consumer, state)
SELECT data_queue, '*', event_type, consumer, state
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS relation (data_queue, event_type, consumer, state)
ON CONFLICT (data_queue, site_id) DO NOTHING
RETURNING data_queue, state`;

/**
 * Inserts the subscriptions of all sites that consumers' definitions name, where they are missing. A relation
 * whose consumer is not in `availableConsumers` is inserted as paused, so that its deliveries wait instead of failing.
 *
 * Returns the data queues that were inserted, and those of them that are paused. Throws when the database does not
 * answer or has not been migrated.
 */
export async function seed(
  databaseUrl: string,
  availableConsumers: readonly string[],
): Promise<{ inserted: string[]; paused: string[] }> {
  const values = [
    relations.map(({ dataQueue }) => dataQueue),
    relations.map(({ type }) => type),
    relations.map(({ consumer }) => consumer),
    relations.map(({ consumer }) => (availableConsumers.includes(consumer) ? 'active' : 'paused')),
  ];
  return withMigrationLock(databaseUrl, async (client) => {
    const { rows } = await client.query<{ data_queue: string; state: string }>(insertMissing, values);
    const names = (chosen: typeof rows) => chosen.map((row) => row.data_queue).sort();
    return { inserted: names(rows), paused: names(rows.filter((row) => row.state === 'paused')) };
  });
}

async function main(): Promise<void> {
  const { inserted, paused } = await seed(process.env['DATABASE_URL'] ?? '', consumerNames);
  console.log(inserted.length === 0 ? 'Every subscription is there.' : `Inserted ${inserted.join(', ')}.`);
  if (paused.length > 0) console.log(`Paused, because this version has no consumer for them: ${paused.join(', ')}.`);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}

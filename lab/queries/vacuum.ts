import { DatabaseClient } from '../../db/database-client';

/** Vacuums at once, as autovacuum would do after many rows were written. */
export async function vacuum(url: string): Promise<void> {
  const client = new DatabaseClient({ connectionString: url });
  await client.connect();
  try {
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

import type { Database } from '../../db/database';
import type { FoundKey } from '../../db/find-recorded';

/** The keys that the database has: recorded, or refused at recording. It does not know the others. */
export async function findRecorded(
  { keys }: { readonly keys: readonly string[] },
  { db }: { readonly db: Database },
): Promise<FoundKey[]> {
  const possible = keys.filter((key) => !key.includes('\0')); // PostgreSQL has no such text
  return await db.findRecorded(possible);
}

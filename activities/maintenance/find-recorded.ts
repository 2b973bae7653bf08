import type { Database } from '../../db/database';
import type { FoundKey } from '../../db/find-recorded';

/** Which of the keys the database has: recorded, or refused at recording. The others it does not know. */
export async function findRecorded(
  { keys }: { readonly keys: readonly string[] },
  { db }: { readonly db: Database },
): Promise<FoundKey[]> {
  const possible = keys.filter((key) => !key.includes('\0')); // Postgres has no such text
  return await db.findRecorded(possible);
}

import { isKnownSite } from '../db/count-erased';
import type { Tx } from '../db/tx';
import { CommandFailure } from './output';

/** A mistyped site has nothing, which would look like an answer. @throws CommandFailure where the database has nothing of the site */
export async function checkSite(db: Tx, siteId: string | undefined): Promise<void> {
  if (siteId === undefined || (await isKnownSite(db, siteId))) return;
  throw new CommandFailure(`There is no site ${siteId}: the database has no event, connection or erasure of it.`);
}

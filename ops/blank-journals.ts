import { blankEntries, type Blanked } from '../client/journal/blank-entries';
import { findErased, type ErasureReceipt } from '../db/erasures';
import type { Tx } from '../db/tx';
import { CommandFailure, commandName } from './output';

/**
 * Writes over the entries of all erased events in these journals.
 *
 * @param folders of `checkOwnJournal`
 * @param isDryRun it only counts them
 */
export async function blankJournals(db: Tx, folders: readonly string[], isDryRun = false): Promise<Blanked> {
  const total = { blanked: 0, left: 0, damagedBytes: 0 };
  for (const folder of folders) {
    const { blanked, left, damagedBytes } = await blankEntries(folder, (keys) => findErased(db, keys), isDryRun);
    total.blanked += blanked;
    total.left += left;
    total.damagedBytes += damagedBytes;
  }
  return total;
}

export function describeJournals(
  { blanked, left, damagedBytes = 0, unread = 0 }: NonNullable<ErasureReceipt['journals']>,
  isDryRun = false,
): string {
  return [
    `Journals: ${blanked} entries ${isDryRun ? 'of erased events would be' : 'are'} written over`,
    ...(left === 0 ? [] : [`, ${left} are in files that a publisher still uses`]),
    '.',
    ...(unread === 0 ? [] : [` ${unread} entries of the site cannot be read: they may be of the person, and stay.`]),
    ...(damagedBytes === 0
      ? []
      : [
          ` ${damagedBytes} bytes are no whole entry and stay: delete the "*.damaged" files when nothing is sought in them.`,
        ]),
  ].join('');
}

/** @throws CommandFailure while entries are left */
export function checkJournals({ left, unread = 0 }: NonNullable<ErasureReceipt['journals']>): void {
  if (left > 0)
    throw new CommandFailure(
      `Entries in files that a publisher still uses: ${left}. It gives them up when it has asked the database: repeat "${commandName()} erase --journal FOLDER".`,
    );
  if (unread > 0)
    throw new CommandFailure(
      `Entries of the site that cannot be read: ${unread}. They may be of the person, and end with their files, after keepHours.`,
    );
}

import { blankEntries, type Blanked } from '../client/journal/blank-entries';
import { findErased } from '../db/erasures';
import type { Tx } from '../db/tx';
import { checkJournal } from './journal-folder';
import { CommandFailure, commandName } from './output';

/** Writes over the entries of all erased events in these journals. @throws CommandFailure for a folder that is no journal */
export async function blankJournals(db: Tx, folders: readonly string[]): Promise<Blanked> {
  const total = { blanked: 0, left: 0 };
  for (const folder of folders) {
    const { blanked, left } = await blankEntries(checkJournal(folder), (keys) => findErased(db, keys));
    total.blanked += blanked;
    total.left += left;
  }
  return total;
}

export const describeJournals = ({ blanked, left }: Blanked): string =>
  `Journals: ${blanked} entries are written over${left === 0 ? '' : `, ${left} are in files that a publisher still uses`}.`;

/** @throws CommandFailure while entries are left */
export function checkJournals({ left }: Blanked): void {
  if (left > 0)
    throw new CommandFailure(
      `Entries in files that a publisher still uses: ${left}. It gives them up when it has asked the database: repeat "${commandName()} erase --journal FOLDER".`,
    );
}

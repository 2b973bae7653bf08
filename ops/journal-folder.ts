import { readdirSync, statSync } from 'node:fs';
import { CommandFailure } from './output';

/** Each journal has a file of such a name from its first publisher on. */
const OF_A_JOURNAL = /^(\d{10}\.(journal|released|journal\.damaged)|replayable-since)$/;

/** @throws CommandFailure for a folder that is no journal */
export function checkJournal(dir: string): string {
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory())
    throw new CommandFailure(`There is no folder ${dir}. Give the folder "dir" of a publisher.`);
  if (!readdirSync(dir).some((name) => OF_A_JOURNAL.test(name)))
    throw new CommandFailure(`${dir} is no journal. Give the folder "dir" of a publisher.`);
  return dir;
}

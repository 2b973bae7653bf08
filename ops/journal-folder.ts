import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
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

/**
 * For a command that writes there: a lock of another user that its process could not remove would stop the publisher.
 *
 * @throws CommandFailure for a folder that is no journal, or one of another user's publisher
 */
export function checkOwnJournal(dir: string): string {
  checkJournal(dir);
  const user = process.getuid?.();
  for (const name of readdirSync(dir).filter((name) => OF_A_JOURNAL.test(name))) {
    const owner = statSync(join(dir, name), { throwIfNoEntry: false })?.uid ?? user; // deleted meanwhile
    if (user !== undefined && owner !== user)
      throw new CommandFailure(
        `${join(dir, name)} belongs to the user ${owner}, and this command runs as ${user}. Run it as the publisher's user (sudo -u '#${owner}' ...).`,
      );
  }
  return dir;
}

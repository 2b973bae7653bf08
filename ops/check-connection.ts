import type { Command } from 'commander';
import { openAccount } from '../activities/connections/open-account';
import type { SignInStore } from '../activities/connections/sign-in';
import type { Account, ConnectionKind } from '../activities/consumer';
import type { HttpExchange } from '../activities/http/exchange';
import { adviseLimits } from './connection-limits';
import { findConnection, kindOf } from './find-connection';
import type { Ops } from './open-ops';
import { CommandFailure, print, printDone, type JsonOption } from './output';
import { sharedSignIn } from './sign-ins';
import { prepareFolder, writeAnswers } from './write-answers';

const CHECK_WITHIN_MS = 30_000;

export function addCheckCommand(connections: Command, ops: Ops): void {
  connections
    .command('check')
    .description('really connect, and change nothing')
    .argument('<connection>', 'its id, or site/consumer/name')
    .option('--write', 'then write a marked record there and remove it; says first which effects that may have')
    .option('--record <dir>', 'write the answers of Salesforce or Zendesk into this folder, without secrets and people')
    .option('--json', 'as JSON')
    .action(async (place: string, options: JsonOption & { record?: string; write?: boolean }) => {
      const [db, box] = [await ops.database(), await ops.secretBox()];
      const connection = await findConnection(db, place);
      const account = openAccount(connection.id, connection, box);
      const signIn = sharedSignIn(db, connection.id, box);
      const answers: HttpExchange[] = [];
      const onAnswer = options.record === undefined ? undefined : (one: HttpExchange) => void answers.push(one);
      const kind = await kindOf(ops, connection.consumer, onAnswer);
      if (options.write && kind.tryWrite === undefined) {
        throw new CommandFailure(`A check of ${connection.consumer} writes no record; leave out --write.`);
      }
      if (options.record !== undefined) await prepareFolder(options.record, connection.consumer);
      try {
        const says = [await check(kind, account, signIn), ...adviseLimits(kind, connection)].join('\n');
        if (options.write) await tryWrite(says, { id: connection.id, kind, account, signIn }, options);
        else printDone(says, { id: connection.id, says }, options);
      } finally {
        // A recording is most useful when the check fails.
        if (options.record !== undefined) {
          const written = await writeAnswers(options.record, connection.consumer, answers, account);
          if (!options.json)
            print(`${written} answers are in ${options.record}; read them before you send them to others.`);
        }
      }
    });
}

interface Checked {
  readonly id: string;
  readonly kind: ConnectionKind;
  readonly account: Account;
  readonly signIn: SignInStore;
}

async function tryWrite(says: string, { id, kind, account, signIn }: Checked, options: JsonOption): Promise<void> {
  // Standard output holds one JSON value only: a warning before it goes to standard error.
  const say = (line: string): void => void (options.json ? process.stderr.write(`${line}\n`) : print(line));
  say(says);
  const wrote = await within(
    async (signal) => await kind.tryWrite?.(account, signal, say, signIn),
    ' Look at the destination for the records named above: they may be there, and have to be removed by hand.',
  );
  printDone(wrote ?? '', { id, says, wrote }, options);
}

export const check = (kind: ConnectionKind, account: Account, signIn: SignInStore): Promise<string> =>
  within((signal) => kind.check(account, signal, signIn));

/** @throws CommandFailure when the destination does not answer in time */
export async function within<T>(ask: (signal: AbortSignal) => Promise<T>, advice = ''): Promise<T> {
  const signal = AbortSignal.timeout(CHECK_WITHIN_MS);
  try {
    return await ask(signal);
  } catch (error) {
    throw signal.aborted
      ? new CommandFailure(`The destination does not answer within ${CHECK_WITHIN_MS / 1000} s.${advice}`)
      : error;
  }
}

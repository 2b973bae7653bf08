import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from '../activities/consumer';
import type { HttpExchange } from '../activities/http/exchange';
import { CommandFailure } from './output';
import { redactAnswers } from './redact-answers';

/** Makes the folder. @throws CommandFailure where it has a recording of that consumer: two recordings would be played as one */
export async function prepareFolder(dir: string, consumer: string): Promise<void> {
  const names = await mkdir(dir, { recursive: true }).then(() => readdir(dir), unwritable(dir));
  const before = names.filter((name) => name.startsWith(`${consumer}-`) && name.endsWith('.json'));
  if (before.length === 0) return;
  throw new CommandFailure(
    `${dir} has ${before.length} answers of ${consumer} already. Name another folder, or remove them first.`,
  );
}

/**
 * Writes a file for each answer into an existing folder, named by its place and its request.
 *
 * @returns how many
 */
export async function writeAnswers(
  dir: string,
  consumer: string,
  exchanges: readonly HttpExchange[],
  account: Account,
): Promise<number> {
  const answers = redactAnswers(exchanges, account);
  for (const [i, answer] of answers.entries()) {
    const path = answer.path.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
    const name = `${consumer}-${String(i + 1).padStart(3, '0')}-${answer.method}-${path.slice(0, 60)}.json`;
    const text = `${JSON.stringify({ consumer, ...answer }, null, 2)}\n`;
    await writeFile(join(dir, name), text).catch(unwritable(dir));
  }
  return answers.length;
}

const unwritable =
  (dir: string) =>
  (error: Error): never => {
    throw new CommandFailure(`${dir} cannot be written to: ${error.message}`);
  };

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from '../activities/consumer';
import type { HttpExchange } from '../activities/http/exchange';
import { CommandFailure } from './output';
import { redactAnswers } from './redact-answers';

/**
 * Writes a file for each answer, named by its place and its request.
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
  try {
    await mkdir(dir, { recursive: true });
    for (const [i, answer] of answers.entries()) {
      const path = answer.path.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
      const name = `${consumer}-${String(i + 1).padStart(3, '0')}-${answer.method}-${path.slice(0, 60)}.json`;
      await writeFile(join(dir, name), `${JSON.stringify({ consumer, ...answer }, null, 2)}\n`);
    }
  } catch (error) {
    throw new CommandFailure(`${dir} cannot be written to: ${(error as Error).message}`); // file errors are errors
  }
  return answers.length;
}

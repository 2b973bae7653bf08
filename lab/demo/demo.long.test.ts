import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Account } from '../account';
import { readDay } from '../read-day';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const command = ['--import', 'tsx', join(__dirname, 'demo.ts'), ...args];
    execFile(process.execPath, command, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const accountOf = ({ stdout }: Outcome): Account & { seconds: number } => JSON.parse(stdout); // nothing else may be there

test('the demo ends with 0, nothing lost, and JSON only on standard output', async () => {
  const outcome = await demo('--json');
  const account = accountOf(outcome);
  expect(outcome.code).toBe(0);
  expect(account).toMatchObject({ published: readDay().length, lost: 0, deliveries: { discarded: 0, pending: 0 } });
  expect(account.published).toBe(account.accepted + account.duplicates + account.refused);
  expect(account.recorded).toBe(account.accepted);
  expect(Object.keys(account)).toEqual([
    'published',
    'accepted',
    'refused',
    'duplicates',
    'recorded',
    'deliveries',
    'byQueue',
    'lost',
    'seconds',
  ]);
}, 300_000);

test('the demo ends with 1 and names the number when effects were removed behind the back of the product', async () => {
  const outcome = await demo('--json', '--lose', '3');
  expect(accountOf(outcome)).toMatchObject({ lost: 3 });
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain('LOST: 3');
}, 300_000);

test('a wrong option is explained before anything is started', async () => {
  const outcome = await demo('--lose', 'many');
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain('--lose takes a number');
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runCommand, type CommandResult } from '../stack/run-command';
import { copyCheckout } from '../tests/copy-checkout';

let copy = '';
let remove: () => Promise<void>;
let stack: ChildProcess;
let printed = '';

beforeAll(async () => {
  ({ dir: copy, remove } = await copyCheckout());
  const { TEMPORAL_ADDRESS: _, DATABASE_URL: __, ...env } = process.env;
  stack = spawn(process.execPath, ['--import', 'tsx', 'scripts/start.ts', '--dev'], { cwd: copy, env });
  for (const stream of [stack.stdout, stack.stderr]) stream?.on('data', (text) => (printed += String(text)));
  await until(() => printed.includes('Running:'));
}, 240_000);

afterAll(async () => {
  const ended = once(stack, 'exit');
  stack.kill('SIGTERM');
  await ended;
  await remove();
}, 60_000);

/** Fails with what was printed when it takes too long. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 180_000;
  while (!(await holds())) {
    if (performance.now() > end || stack.exitCode !== null)
      throw new Error(`It did not come to that.\n${printed}\n${await workerLog()}`);
    await pause(200);
  }
}

const workerLog = (): Promise<string> => readFile(join(copy, '.data/worker.log'), 'utf8');
const starts = async (): Promise<number> => (await workerLog()).split('taking work').length - 1;
const command = (...args: readonly string[]): Promise<CommandResult> =>
  runCommand([process.execPath, ...args], { cwd: copy });

it('starts the worker again when a file changes, of workflows too, and keeps what it had', async () => {
  expect(await starts()).toBe(1);
  await writeFile(join(copy, 'ban.json'), '{"SiteId":1,"BanType":0,"IpFromOrVisitorId":4711}');
  const published = await command(
    '--import',
    'tsx',
    'scripts/publish-event.ts',
    'Agent.Ban',
    'ban.json',
    '--id',
    'one',
  );
  expect(published).toMatchObject({ code: 0 });
  const show = (): Promise<CommandResult> => command('scripts/ops.mjs', 'events', 'show', 'Agent.Ban/1/one');
  await until(async () => (await show()).output.includes('delivered'));

  await appendFile(join(copy, 'workflows/advice.ts'), '// changed\n');
  await until(async () => (await starts()) === 2);
  expect((await show()).output).toContain('delivered');
  await appendFile(join(copy, 'activities/consumers/webhook/webhook.ts'), '// changed\n');
  await until(async () => (await starts()) === 3);

  const replayed = await command('--import', 'tsx', 'scripts/replay.ts', 'Agent.Ban/1/one');
  expect(replayed).toMatchObject({ code: 0, output: expect.stringContaining('1 runs replayed, 0 would fail') });
}, 500_000);

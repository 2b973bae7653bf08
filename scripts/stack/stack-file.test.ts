import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimStack, readStack } from './stack-file';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stack-file-'));
  file = join(folder, 'data', 'stack.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const running = () => ({
  temporalAddress: process.env['TEST_TEMPORAL_ADDRESS'] ?? '',
  namespace: 'chat-events',
  uiUrl: 'http://127.0.0.1:8233',
  databaseUrl: 'postgres://postgres:secret@127.0.0.1/chat_events',
  secretsKeyFile: null,
  largeEventsDir: '/large',
  workerPort: 9464,
});

test('a publisher finds the running stack, and nothing before it is up or after it has stopped', async () => {
  const claim = await claimStack(file);
  expect(await readStack(file)).toBeUndefined();
  await claim.announce(running());
  expect(await readStack(file)).toEqual({ pid: process.pid, ...running() });
  await claim.release();
  expect(await readStack(file)).toBeUndefined();
});

test('only its owner can read the file, as it holds a password', async () => {
  await (await claimStack(file)).announce(running());
  expect((await stat(file)).mode & 0o077).toBe(0);
});

test('a second start is refused while one starts, and while one runs', async () => {
  const claim = await claimStack(file);
  await expect(claimStack(file)).rejects.toThrow(/still starting/);
  await claim.announce(running());
  await expect(claimStack(file)).rejects.toThrow(`process ${process.pid}, Web UI http://127.0.0.1:8233`);
});

test('the file of a start that was killed is taken over', async () => {
  const claim = await claimStack(file);
  const dead = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
  await writeFile(file, JSON.stringify({ ...running(), pid: dead }));
  expect(await readStack(file)).toBeUndefined();
  await expect(claimStack(file)).resolves.toBeDefined();
  await claim.release();
});

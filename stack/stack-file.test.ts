import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
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

const main = {
  name: 'main',
  address: '127.0.0.1:7233',
  namespace: 'chat-events',
  uiUrl: 'http://127.0.0.1:8233',
};
const running = () => ({
  clusters: [main],
  databaseUrl: 'postgres://postgres:secret@127.0.0.1/chat_events',
  secretsKeyFile: null,
  largeEventsDir: '/large',
  workerPort: 9464,
});

test('a publisher finds the running stack, and nothing before it is up or after it has stopped', async () => {
  const claim = await claimStack(file);
  expect(await readStack(file)).toBeUndefined();
  await claim.announce(running());
  expect(await readStack(file)).toMatchObject({ pid: process.pid, ...running() });
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

test('a stack whose Temporal hangs is still up: it is found, and a second start leaves its file alone', async () => {
  const hung = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => hung.once('listening', resolve));
  try {
    const address = `127.0.0.1:${(hung.address() as AddressInfo).port}`; // it listens on TCP
    const clusters = [{ ...main, address }];
    await (await claimStack(file)).announce({ ...running(), clusters });
    const before = await readFile(file, 'utf8');
    expect(await readStack(file)).toMatchObject({ clusters });
    await expect(claimStack(file)).rejects.toThrow(`process ${process.pid}`);
    expect(await readFile(file, 'utf8')).toBe(before);
  } finally {
    await new Promise((resolve) => hung.close(resolve));
  }
});

test('the file of a start whose pid another process has now is taken over', async () => {
  await (await claimStack(file)).announce(running());
  const content = JSON.parse(await readFile(file, 'utf8')) as object;
  expect(content).toHaveProperty('processStart');
  await writeFile(file, JSON.stringify({ ...content, processStart: 'earlier' }));
  expect(await readStack(file)).toBeUndefined();
  await expect(claimStack(file)).resolves.toBeDefined();
});

test('a file that is being written is left alone', async () => {
  await (await claimStack(file)).release();
  await writeFile(file, '');
  await expect(claimStack(file)).rejects.toThrow(/still starting/);
});

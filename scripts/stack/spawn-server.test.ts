import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { logTail, spawnServer } from './spawn-server';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'spawn-server-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function parentWithServer(): Promise<{ parent: ChildProcess; serverPid: number }> {
  const program = `
    const { spawnServer } = require(${JSON.stringify(join(__dirname, 'spawn-server.ts'))});
    spawnServer({ file: 'sleep', args: ['600'], env: process.env, logFile: ${JSON.stringify(join(folder, 'log'))},
      stopSignal: 'SIGTERM', removeIfOrphaned: ${JSON.stringify(join(folder, 'data'))} })
      .then(({ pid }) => { console.log(pid); setInterval(() => undefined, 1000); });`;
  const file = join(folder, 'parent.cjs');
  await writeFile(file, program);
  await writeFile(join(folder, 'data'), '');
  const parent = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: parent.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return { parent, serverPid: Number(line) };
}

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'the server and its data go when the parent gets %s',
  async (signal) => {
    const { parent, serverPid } = await parentWithServer();
    expect(isAlive(serverPid)).toBe(true);
    parent.kill(signal);
    await once(parent, 'exit');
    while (isAlive(serverPid) || existsSync(join(folder, 'data'))) await pause(20);
  },
);

test('a server that ignores the stop signal is killed when patience ends', async () => {
  const server = await spawnServer({
    file: 'sh',
    args: ['-c', "trap '' TERM; echo ready; while :; do sleep 0.05; done"],
    env: process.env,
    logFile: join(folder, 'log'),
    stopSignal: 'SIGTERM',
  });
  while (!logTail(join(folder, 'log')).includes('ready')) await pause(10);
  await server.end(['SIGTERM', 200]);
  expect(await server.exited).toBe('signal SIGKILL');
});

test('an executable that is not there is an error', async () => {
  const options = {
    file: join(folder, 'none'),
    args: [],
    env: {},
    logFile: join(folder, 'log'),
    stopSignal: 'SIGTERM',
  } as const;
  await expect(spawnServer(options)).rejects.toThrow(/ENOENT/);
});

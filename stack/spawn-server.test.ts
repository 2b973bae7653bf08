import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { compiled } from '../tests/compiled';
import { waitUntilEnded } from '../tests/wait-until-ended';
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
    const { spawnServer } = require(${JSON.stringify(compiled('stack/spawn-server'))});
    spawnServer({ file: 'sleep', args: ['600'], env: process.env, logFile: ${JSON.stringify(join(folder, 'log'))},
      stopSignal: 'SIGTERM', removeIfOrphaned: ${JSON.stringify(join(folder, 'data'))} })
      .then(({ pid }) => { console.log(pid); setInterval(() => undefined, 1000); });`;
  const file = join(folder, 'parent.cjs');
  await writeFile(file, program);
  await writeFile(join(folder, 'data'), '');
  const parent = spawn(process.execPath, [file], {
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

describe('a server that ends without having been asked to', () => {
  const endings: string[] = [];
  beforeEach(() => void endings.splice(0));

  const start = (script: string) =>
    spawnServer({
      file: 'sh',
      args: ['-c', `echo ready; ${script}`],
      env: process.env,
      logFile: join(folder, 'log'),
      stopSignal: 'SIGTERM',
      onUnaskedEnd: (how, logFile) => endings.push(`${how}, ${logTail(logFile)}`),
    });
  const SLEEPS = 'exec sleep 60';

  test('is told of, by exit code or signal', async () => {
    await (
      await start('exit 3')
    ).exited;
    const killed = await start(SLEEPS);
    process.kill(killed.pid, 'SIGKILL');
    await killed.exited;
    expect(endings).toEqual(['exit code 3, ready', 'signal SIGKILL, ready\nready']);
  });

  test('also where a kill came too late', async () => {
    const server = await start('exit 3');
    waitUntilEnded(server.pid);
    await server.end(['SIGKILL', 1_000]);
    expect(endings).toEqual(['exit code 3, ready']);
  });

  test('and is not where it does what it was told', async () => {
    await (await start(SLEEPS)).end(['SIGTERM', 10_000]);
    await (await start(SLEEPS)).end(['SIGKILL', 10_000]);
    const ordered = await start("trap 'exit 1' TERM; echo trapped; while :; do sleep 0.05; done");
    while (!logTail(join(folder, 'log')).includes('trapped')) await pause(10);
    await ordered.end(['SIGTERM', 10_000]);
    expect(endings).toEqual([]);
  });
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

it('shows a panic from its message on, not the end of its stack', async () => {
  const stack = Array.from({ length: 40 }, (_, i) => `main.f${i}()`);
  await writeFile(join(folder, 'log'), ['started', 'panic: no port', '', ...stack, ''].join('\n'));
  expect(logTail(join(folder, 'log'), 3)).toBe('panic: no port\n\nmain.f0()');
});

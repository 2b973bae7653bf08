import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endDaemon, livingDaemon, recordDaemon } from './daemon';

let folder: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daemon-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** A process that is up, and that takes SIGTERM or pays no attention to it. */
async function start(onTerm = 'process.exit()'): Promise<number> {
  const code = `process.on('SIGTERM', () => { ${onTerm} }); setInterval(() => {}, 1000); console.log('up')`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child.pid ?? 0; // it has spoken, so it has one
}

it('ends the process that was recorded, and forgets it', async () => {
  const pid = await start();
  await recordDaemon(folder, 'one', pid);
  expect(await livingDaemon(folder, 'one')).toBe(pid);
  expect(await endDaemon(folder, 'one', [['SIGTERM', 20_000]])).toBe(true);
  expect(await livingDaemon(folder, 'one')).toBeUndefined();
  expect(await endDaemon(folder, 'one', [['SIGTERM', 20_000]])).toBe(false);
  expect(await readdir(folder)).toEqual([]);
});

it('ends one that ignores what it is asked after its patience', async () => {
  await recordDaemon(folder, 'one', await start('return'));
  expect(await endDaemon(folder, 'one', [['SIGTERM', 200]])).toBe(true);
  const ended = children[0]!;
  if (ended.signalCode === null) await once(ended, 'exit');
  expect(ended.signalCode).toBe('SIGKILL');
});

it('leaves alone another process that was given the pid', async () => {
  const pid = await start();
  await writeFile(join(folder, 'one.json'), JSON.stringify({ pid, processStart: '1' }));
  expect(await livingDaemon(folder, 'one')).toBeUndefined();
  expect(await endDaemon(folder, 'one', [['SIGTERM', 20_000]])).toBe(false);
  expect(process.kill(pid, 0)).toBe(true);
  expect(children[0]!.exitCode).toBeNull();
});

import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oneAtATime } from './one-at-a-time';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'one-'));
});

afterEach(() => rm(folder, { recursive: true }));

it('refuses a command while another works on the folder, and not afterwards', async () => {
  let finish = () => {};
  let begun = () => {};
  const started = new Promise<void>((resolve) => (begun = resolve));
  const first = oneAtATime(folder, () => {
    begun();
    return new Promise<string>((resolve) => (finish = () => resolve('done')));
  });
  await started;
  await expect(oneAtATime(folder, async () => 'no')).rejects.toThrow(/Another command works on/);
  finish();
  expect(await first).toBe('done');
  expect(await oneAtATime(folder, async () => 'next')).toBe('next');
  expect(await readdir(folder)).toEqual([]);
});

it('counts a command that was killed for nothing', async () => {
  const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
  await writeFile(join(folder, 'command.lock'), `${dead} 1`);
  expect(await oneAtATime(folder, async () => 'done')).toBe('done');
  await writeFile(join(folder, 'command.lock'), `${process.pid} 1`); // another process has its pid by now
  expect(await oneAtATime(folder, async () => 'done')).toBe('done');
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalLocked } from '../errors';
import { lockJournal } from './journal-lock';

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(dir, 'lock');
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

/** Nothing can be written while one of these files is there. */
function fillDisk(...names: string[]): void {
  for (const name of names) writeFileSync(join(dir, name), '');
  const write = writeFileSync;
  jest.spyOn(fs, 'writeFileSync').mockImplementation((...args) => {
    if (names.some((name) => existsSync(join(dir, name)))) {
      write(args[0], '');
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    }
    write(...args);
  });
}

/** Another process, which locks the folder and lives on. */
async function lockElsewhere(): Promise<ChildProcess> {
  const script = `require(${JSON.stringify(join(__dirname, 'journal-lock.ts'))}).lockJournal(${JSON.stringify(dir)});
    process.send('locked'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

test('a folder has one holder; given up, it is free', () => {
  const unlock = lockJournal(dir);
  expect(() => lockJournal(dir)).toThrow(JournalLocked);
  unlock();
  expect(existsSync(file)).toBe(false);
  lockJournal(dir)();
  expect(readdirSync(dir)).toEqual([]);
});

test('the lock of a living process is respected and names it; that of a dead one is taken over', async () => {
  const child = await lockElsewhere();
  expect(() => lockJournal(dir)).toThrow(`The journal is used by process ${child.pid}`);
  await kill(child);
  const unlock = lockJournal(dir);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
  unlock();
});

test('the lock of a process whose pid another one has now is taken over, this process included', () => {
  const unlock = lockJournal(dir);
  const own = JSON.parse(readFileSync(file, 'utf8'));
  unlock();
  for (const other of [{ token: 'of one before' }, { pid: process.ppid, started: '1' }]) {
    writeFileSync(file, JSON.stringify({ ...own, ...other }));
    lockJournal(dir)();
  }
  writeFileSync(file, '');
  lockJournal(dir)();
  expect(readdirSync(dir)).toEqual([]);
});

test('on a full disk, files that are only kept give way, unless the folder is held', () => {
  const released = ['0000000001.released', '0000000002.released'];
  const unlock = lockJournal(dir);
  fillDisk(...released);
  expect(() => lockJournal(dir)).toThrow(JournalLocked);
  expect(readdirSync(dir)).toEqual([...released, 'lock']);
  unlock();
  const give = lockJournal(dir);
  expect(readdirSync(dir)).toEqual(['lock', 'replayable-since']);
  give();
});

test('a full disk without any is an error, and nothing is left there', () => {
  fillDisk('0000000003.journal');
  expect(() => lockJournal(dir)).toThrow('no space');
  expect(readdirSync(dir)).toEqual(['0000000003.journal']);
});

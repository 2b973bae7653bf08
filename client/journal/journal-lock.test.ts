import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs, { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { compiled } from '../../tests/compiled';
import { useJournalLocks } from '../../tests/journal-locks';
import { JournalLocked } from '../errors';

let [dir, file] = ['', ''];
/** Ended after the test, also when it fails. */
let others: { end(): Promise<unknown> }[];

beforeEach(() => void (others = []));
afterEach(() => Promise.all(others.map((other) => other.end()))); // before their folder goes
const lock = useJournalLocks((folder) => ([dir, file] = [folder, join(folder, 'lock')]));

const holder = (): { pid: number; token: string; count: string } => JSON.parse(readFileSync(file, 'utf8'));

/** No lock can be written while one of these files is there. */
function fillDisk(...names: string[]): void {
  for (const name of names) writeFileSync(join(dir, name), '');
  const write = writeFileSync;
  jest.spyOn(fs, 'writeFileSync').mockImplementation((...args) => {
    if (String(args[0]).startsWith(file) && names.some((name) => existsSync(join(dir, name)))) {
      write(args[0], '');
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    }
    write(...args);
  });
}

const SCRIPT = `
  process.on('warning', () => {});
  const { JournalLock } = require(${JSON.stringify(compiled('client/journal/journal-lock'))});
  const port = require('node:worker_threads').parentPort ?? { postMessage: (text) => process.send(text), on: (name, each) => process.on(name, each) };
  const lock = new JournalLock(process.env.DIR);
  lock.taken.then(() => port.postMessage('locked'));
  port.on('message', () => lock.verify().then(() => port.postMessage('held'), ({ message }) => port.postMessage(message)));
`;

/** Another process, which locks the folder and lives on. */
function lockInProcess(command: readonly string[] = []) {
  const [program, ...args] = [...command, process.execPath, '-e', SCRIPT];
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  const child = spawn(program, args, { stdio: [...stdio], env: { ...process.env, DIR: dir }, detached: true });
  const other = {
    child,
    next: async () => (await once(child, 'message'))[0],
    ask: () => void child.send('verify'),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      signal(child, 'SIGKILL');
      await ended;
    },
  };
  others.push(other);
  return other;
}

/** To it and to what it has started. */
const signal = (child: ChildProcess, name: NodeJS.Signals): boolean => process.kill(-(child.pid ?? 0), name);

function lockInThread() {
  const worker = new Worker(SCRIPT, { eval: true, env: { ...process.env, DIR: dir } });
  const other = {
    next: async () => (await once(worker, 'message'))[0],
    ask: () => worker.postMessage('verify'),
    end: () => worker.terminate(),
  };
  others.push(other);
  return other;
}

/** As a container: its process has the pid 1, as that of every other container. */
const CONTAINER = ['unshare', '--pid', '--fork', '--kill-child'];
const canUnshare = spawnSync('unshare', [...CONTAINER.slice(1), 'true']).status === 0;
const ofContainers = canUnshare
  ? 'two containers whose processes have one pid'
  : 'two containers (skipped: this user cannot make a pid namespace)';

test('a folder has one holder in a thread; given up, it is free', async () => {
  const held = lock();
  await held.verify();
  expect(lock).toThrow(JournalLocked);
  await held.close();
  expect(readdirSync(dir)).toEqual([]);
  await lock().close();
  expect(readdirSync(dir)).toEqual([]);
});

test('the lock of a process that lives is respected and names it; that of a dead one is taken over at once', async () => {
  const other = lockInProcess();
  await other.next();
  expect(lock).toThrow(`The journal is used by process ${other.child.pid}`);
  await other.end();
  expect(lock().isHeld).toBe(true);
  expect(holder()).toMatchObject({ pid: process.pid });
});

test('the lock of a process whose pid another one has now is taken over at once', async () => {
  await lock().close();
  for (const other of [{ pid: process.pid }, { pid: process.ppid }]) {
    const { place } = JSON.parse(readFileSync(await written(), 'utf8')) as { place: string };
    writeFileSync(file, JSON.stringify({ ...other, started: '1', token: 'of one before', place, count: '1' }));
    const held = lock();
    expect(held.isHeld).toBe(true);
    await held.close();
  }
});

/** A lock as this version writes it. */
async function written(): Promise<string> {
  const copy = join(dir, 'copy');
  const held = lock();
  fs.copyFileSync(file, copy);
  await held.close();
  return copy;
}

test('a version that does not count yet is told by its process where that is here; else it may be anywhere', async () => {
  const { pid, started, token } = JSON.parse(readFileSync(await written(), 'utf8'));
  writeFileSync(file, JSON.stringify({ pid: process.ppid, started: startOf(process.ppid), token: 'x' }));
  expect(lock).toThrow(`The journal is used by process ${process.ppid}`);
  writeFileSync(file, JSON.stringify({ pid: process.ppid, started, token }));
  expect(pid).toBe(process.pid);
  expect(lock().isHeld).toBe(false);
});

const startOf = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';

test('another thread waits while the lock counts on, and has it when it was given up', async () => {
  const held = lock();
  const other = lockInThread();
  const told = other.next();
  const { count } = holder();
  const untilThen = (async () => {
    while (Number(holder().count) < Number(count) + 13) await pause(100);
    return 'counted on for longer than a lock may stand still';
  })();
  expect(await Promise.race([told, untilThen])).toMatch('counted on');
  await held.verify();
  await held.close();
  expect(await told).toBe('locked');
  expect(holder()).toMatchObject({ pid: process.pid });
});

test('the lock of a thread that ended in a process that lives is taken over when it stood still for 10 s', async () => {
  const other = lockInThread();
  await other.next();
  const one = lock();
  expect(one.isHeld).toBe(false);
  await other.end();
  const began = performance.now();
  await one.taken;
  expect(performance.now() - began).toBeGreaterThan(8_900); // the last renewal may have been seen up to a second before
  await one.verify();
});

(canUnshare ? describe : describe.skip)(ofContainers, () => {
  it('never hold it together; one that was stopped finds out', async () => {
    const [first, second] = [lockInProcess(CONTAINER), lockInProcess(CONTAINER)];
    const names = await Promise.race([
      first.next().then(() => [first, second]),
      second.next().then(() => [second, first]),
    ]);
    const [holding, waiting] = names as [typeof first, typeof first];
    const { token } = holder();
    holding.ask();
    expect(await holding.next()).toBe('held');
    waiting.ask();
    expect(await waiting.next()).toMatch('The journal is used by process 1');
    const taken = waiting.next();
    signal(holding.child, 'SIGSTOP');
    expect(await taken).toBe('locked');
    const { token: now } = holder();
    expect(now).not.toBe(token);
    holding.ask();
    signal(holding.child, 'SIGCONT');
    expect(await holding.next()).toMatch('The journal was taken over by process 1');
    waiting.ask();
    expect(await waiting.next()).toBe('held');
    expect(holder().token).toBe(now);
  });
});

test('one that could not renew it for more than 5 s renews it before it accepts anything', async () => {
  const other = lockInProcess();
  await other.next();
  const { count } = holder();
  signal(other.child, 'SIGSTOP');
  await pause(6_000); // stopped, it cannot say when it is over
  other.ask();
  signal(other.child, 'SIGCONT');
  expect(await other.next()).toBe('held');
  expect(Number(holder().count)).toBeGreaterThan(Number(count));
});

test('one whose lock is gone accepts nothing; when it is back in time it goes on, else never again', async () => {
  const held = lock();
  renameSync(file, `${file}.away`);
  let isVerified = false;
  const verified = held.verify().then(() => (isVerified = true));
  await pause(300);
  expect(isVerified).toBe(false);
  renameSync(`${file}.away`, file);
  await verified;
  rmSync(file);
  await expect(held.verify()).rejects.toThrow('The journal was taken over by another process');
  expect(held.isHeld).toBe(false);
  const next = lock();
  await next.verify();
  await held.close(); // leaves the lock to the next
  await next.verify();
});

test('on a full disk, files that are only kept give way, unless the folder is held', async () => {
  const released = ['0000000001.released', '0000000002.released'];
  const held = lock();
  fillDisk(...released);
  expect(lock).toThrow(JournalLocked);
  expect(readdirSync(dir)).toEqual([...released, 'lock']);
  await held.close();
  lock();
  expect(readdirSync(dir)).toEqual(['lock', 'replayable-since']);
});

test('a full disk without any is an error, and nothing is left there', () => {
  fillDisk('0000000003.journal');
  expect(lock).toThrow('no space');
  expect(readdirSync(dir)).toEqual(['0000000003.journal']);
});

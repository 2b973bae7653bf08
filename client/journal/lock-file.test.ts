import fs, { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useJournalLocks } from '../../tests/journal-locks';
import { JournalLocked } from '../errors';
import { unnameLock } from './lock-file';
import { holderHere } from './lock-holder';

let [dir, file] = ['', ''];
const lock = useJournalLocks((folder) => ([dir, file] = [folder, join(folder, 'lock')]));

test('one whose name was taken by another that died before it had its own takes it back after 5 s', async () => {
  const held = lock();
  renameSync(file, `${file}.aside`);
  await held.verify();
  expect(existsSync(file)).toBe(true);
  await held.close();
  expect(existsSync(file)).toBe(false);
});

test('one that another process takes over, which dies before its own lock has the name, takes it back', async () => {
  const held = lock();
  expect(unnameLock(file, () => true)).toMatch(/lock\.[0-9a-f-]{36}$/);
  expect(existsSync(file)).toBe(false);
  await held.verify();
  expect(existsSync(file)).toBe(true);
});

test('one whose name was taken meanwhile does not take it back, though that one is gone again', async () => {
  const held = lock();
  renameSync(file, `${file}.aside`);
  await lock().close();
  expect(readdirSync(dir)).toEqual([]);
  await expect(held.verify()).rejects.toThrow(JournalLocked);
  expect(readdirSync(dir)).toEqual([]);
});

test('what others left beside the lock goes when it is taken', () => {
  for (const name of ['lock.one', 'lock.other', 'locked']) writeFileSync(join(dir, name), '');
  lock();
  expect(readdirSync(dir)).toEqual(['lock', 'locked']);
});

test('on a full disk, the lock of a process that died gives its room to the next', () => {
  writeFileSync(file, JSON.stringify({ ...holderHere('died'), started: 'before' }));
  const write = writeFileSync;
  jest.spyOn(fs, 'writeFileSync').mockImplementation((...args) => {
    write(...args);
    if (readdirSync(dir).length > 1) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  });
  expect(lock().isHeld).toBe(true);
  expect(readFileSync(file, 'utf8')).not.toContain('died');
  expect(readdirSync(dir)).toEqual(['lock']);
});

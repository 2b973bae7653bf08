import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import fs, { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from './journal';
import { JournalReader } from './journal-reader';
import type { Place } from './segment';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

const openJournal = (keepHours: number) => new Journal({ dir, maxBytes: 1024 ** 2, keepHours });
const files = () => readdirSync(dir).filter((name) => /^\d/.test(name));
const write = (journal: Journal, text: string) => journal.append(Buffer.from(text), { type: 'Agent.Ban' });

/** How many entries a new process finds, which keeps nothing itself. */
async function recovered(): Promise<number> {
  const journal = openJournal(0);
  let entries = 0;
  await journal.recover(() => (entries += 1) > 0);
  await journal.close();
  return entries;
}

const fill = async (journal: Journal, texts: number): Promise<Place[]> => {
  const places: Place[] = [];
  for (let n = 0; n < texts; n++) places.push(await write(journal, `${n} ${'x'.repeat(10_000)}`));
  return places;
};
/** The numbers of those that are kept. */
const kept = () => files().flatMap((name) => (name.endsWith('.released') ? Number.parseInt(name, 10) : []));
const release = async (journal: Journal, places: readonly Place[]): Promise<void> => {
  const before = journal.bytes;
  for (const place of places) journal.release(place);
  while (journal.bytes === before) await new Promise(setImmediate);
};

test('files whose entries are all released are kept under another name, are no entries any more, and leave when their time is over', async () => {
  const journal = openJournal(24);
  await release(journal, await fill(journal, 2));
  expect(files()).toEqual(['0000000001.released']);
  expect(journal).toMatchObject({ bytes: 0 });
  expect(journal.keptBytes).toBeGreaterThan(20_000);
  await journal.close();
  expect(await recovered()).toBe(0);
  expect(files()).toEqual([]); // that one keeps them for no time
});

test('they give way, earliest first, to entries that need the room, and it is known since when all are there', async () => {
  const journal = openJournal(24);
  const since = () => Date.parse(readFileSync(join(dir, 'replayable-since'), 'utf8'));
  const opened = since();
  for (let n = 1; n <= 3; n++) await release(journal, await fill(journal, 13)); // an eighth of its size each
  expect(kept()).toEqual([1, 2, 3]);
  expect(since()).toBe(opened);
  const { mtimeMs } = statSync(join(dir, '0000000001.released'));
  await fill(journal, 67);
  expect(kept()).toEqual([2, 3]);
  expect(since()).toBeGreaterThan(mtimeMs - 1);
  await fill(journal, 26);
  expect(kept()).toEqual([]);
  expect(journal.keptBytes).toBe(0);
  await journal.close();
});

test.each(['ENOSPC', 'EDQUOT'])('they give way when the disk is full: %s', async (code) => {
  const journal = openJournal(24);
  await release(journal, await fill(journal, 1));
  const handle = await open(join(dir, 'any'), 'w');
  const datasync = jest.spyOn(Object.getPrototypeOf(handle), 'datasync');
  await handle.close();
  datasync.mockRejectedValueOnce(Object.assign(new Error('no space'), { code }));
  await write(journal, 'fits then');
  datasync.mockRestore();
  expect(kept()).toEqual([]);
  await journal.close();
  expect(await recovered()).toBe(1);
});

test('they give way although the time since when all are there cannot be written, and that is not known then', async () => {
  const journal = openJournal(24);
  await release(journal, await fill(journal, 13));
  const mark = join(dir, 'replayable-since');
  rmSync(mark);
  mkdirSync(mark);
  await fill(journal, 93);
  expect(kept()).toEqual([]);
  expect(journal.keptBytes).toBe(0);
  await journal.close();
});

test('what cannot be deleted is counted still, and is no room', async () => {
  const journal = openJournal(24);
  await release(journal, await fill(journal, 13));
  const { keptBytes } = journal;
  const file = join(dir, '0000000001.released');
  rmSync(file);
  mkdirSync(file);
  await fill(journal, 93);
  expect(journal.keptBytes).toBe(keptBytes);
  await journal.close();
});

test.each(['', '2026', 'nonsense'])('a time that is not whole (%p) is none, and is begun anew', async (text) => {
  const mark = join(dir, 'replayable-since');
  writeFileSync(mark, text);
  const completeSince = async () => {
    const reader = await JournalReader.open(dir);
    await reader.close();
    return reader.completeSince;
  };
  expect(await completeSince()).toBeNull();
  const before = Date.now();
  await openJournal(24).close();
  expect(await completeSince()).toBeGreaterThanOrEqual(before);
});

test('the time is written in place, for which a full disk has room', async () => {
  await openJournal(24).close();
  const mark = join(dir, 'replayable-since');
  const { ino } = statSync(mark);
  const writes = jest.spyOn(fs, 'writeFile');
  const journal = openJournal(24);
  await release(journal, await fill(journal, 13));
  await fill(journal, 93);
  expect(kept()).toEqual([]);
  expect(writes.mock.calls).toEqual([[mark, expect.any(String), { flag: 'r+' }]]);
  expect(statSync(mark)).toMatchObject({ ino, size: 24 });
  writes.mockRestore();
  await journal.close();
});

import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareEvent } from '../prepare-event';
import { blankEntries } from './blank-entries';
import { readEntry, writeEntry } from './entry';
import { Journal } from './journal';
import { JournalReader } from './journal-reader';
import type { Place } from './segment';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

const openJournal = () => new Journal({ dir, maxBytes: 1024 ** 2, keepHours: 24 });

const write = (journal: Journal, id: string): Promise<Place> => {
  const data = { SiteId: 7, AgentId: 5, BanType: 0, IpFromOrVisitorId: 9, Comment: `planted ${id}` };
  const event = prepareEvent('Agent.Ban', data, { id });
  return journal.append(writeEntry({ publishedAt: 1, event }), event);
};

const bytes = (): string =>
  readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join();

const erase = (...ids: string[]) =>
  blankEntries(dir, async (keys) => new Set(keys.filter((key) => ids.some((id) => key.endsWith(`/${id}`)))));

async function keysOf(): Promise<string[]> {
  const reader = await JournalReader.open(dir);
  const found = (await Promise.all(reader.files.map((file) => reader.eventsOf(file)))).flat().map(({ key }) => key);
  await reader.close();
  return found;
}

test('entries of erased events are written over in kept files, and the others stay', async () => {
  const journal = openJournal();
  for (const place of [await write(journal, 'a'), await write(journal, 'b')]) journal.release(place);
  while (journal.bytes > 0) await new Promise(setImmediate);
  const [file = ''] = readdirSync(dir).filter((name) => name.endsWith('.released'));
  const { mtimeMs, size } = statSync(join(dir, file));
  expect(await erase('a')).toEqual({ blanked: 1, left: 0, damagedBytes: 0 }); // its publisher runs
  expect(statSync(join(dir, file))).toMatchObject({ mtimeMs, size });
  expect(bytes()).not.toContain('planted a');
  expect(bytes()).toContain('planted b');
  expect(await keysOf()).toEqual(['Agent.Ban/7/b']);
  expect(await erase('a')).toEqual({ blanked: 0, left: 0, damagedBytes: 0 });
  await journal.close();
});

test('an entry that a publisher may need stays until that has ended, and the next one does not find it', async () => {
  const journal = openJournal();
  for (const id of ['a', 'b']) await write(journal, id);
  expect(await erase('a')).toEqual({ blanked: 0, left: 1, damagedBytes: 0 });
  expect(await keysOf()).toHaveLength(2);
  await journal.close();
  expect(await erase('a')).toEqual({ blanked: 1, left: 0, damagedBytes: 0 });
  expect(bytes()).not.toContain('planted a');
  const next = openJournal();
  const places: Place[] = [];
  await next.recover((text, place) => text.includes('"event"') && places.push(place) > 0);
  expect((await next.read(places)).map((text) => readEntry(text).event.key)).toEqual(['Agent.Ban/7/b']);
  await next.close();
});

test.each(['released', 'journal.damaged'])(
  'a file that is renamed to %s when it is opened is written over',
  async (ending) => {
    const journal = openJournal();
    for (const id of ['a', 'b']) await write(journal, id);
    await journal.close();
    const [first = ''] = readdirSync(dir).filter((name) => name.endsWith('.journal'));
    const next = openJournal(); // begins a second file
    await write(next, 'c');
    await next.close();
    const files = readdirSync(dir)
      .filter((name) => name.endsWith('.journal'))
      .toSorted();
    expect(files).toHaveLength(2);
    const last = files.at(-1) ?? '';
    let asked = 0;
    const counts = await blankEntries(dir, async (keys) => {
      // The second file is listed by now, and opened after this.
      if (asked++ === 0) renameSync(join(dir, last), join(dir, last.replace('journal', ending)));
      return new Set(keys.filter((key) => key.endsWith('/c')));
    });
    expect(counts).toEqual({ blanked: 1, left: 0, damagedBytes: 0 });
    expect(bytes()).not.toContain('planted c');
    expect(readdirSync(dir)).toContain(first);
  },
);

test('a dry run counts, and writes nothing, not even a lock', async () => {
  const journal = openJournal();
  await write(journal, 'a');
  await journal.close();
  const before = readdirSync(dir);
  const lookAt = async () => {
    expect(readdirSync(dir)).toEqual(before);
    return new Set(['Agent.Ban/7/a']);
  };
  expect(await blankEntries(dir, lookAt, true)).toEqual({ blanked: 1, left: 0, damagedBytes: 0 });
  expect(bytes()).toContain('planted a');
  expect(readdirSync(dir)).toEqual(before);
});

test('a publisher can begin while the database is asked', async () => {
  const journal = openJournal();
  await write(journal, 'a');
  await journal.close();
  let next: Journal | undefined;
  const counts = await blankEntries(dir, async (keys) => {
    next = openJournal();
    return new Set(keys);
  });
  expect(next?.isHeld).toBe(true);
  expect(counts).toEqual({ blanked: 0, left: 1, damagedBytes: 0 });
  await next?.close();
});

test('bytes that are no whole entry are counted', async () => {
  const journal = openJournal();
  await write(journal, 'a');
  await journal.close();
  const [file = ''] = readdirSync(dir).filter((name) => name.endsWith('.journal'));
  appendFileSync(join(dir, file), 'planted x');
  expect(await erase('a')).toEqual({ blanked: 1, left: 0, damagedBytes: 9 });
});

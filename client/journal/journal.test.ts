import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frameBytes } from './frames';
import { Journal } from './journal';
import type { Place } from './segment';

const MAX = 1024 ** 2;
const ids = { type: 'Agent.Ban', id: 'a', key: 'Agent.Ban/1/a' };
const FIRST = '0000000001.journal';
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

const openJournal = (folder = dir) => new Journal({ dir: folder, maxBytes: MAX, keepHours: 0 });
const write = (journal: Journal, ...texts: readonly string[]) =>
  Promise.all(texts.map((text) => journal.append(Buffer.from(text), ids)));
const files = () => readdirSync(dir).filter((name) => /^\d/.test(name));
/** What is about entries begins so; all else is one. */
const isEntry = (text: string) => !text.startsWith('#');

/** What a new process finds. */
async function recovered(folder = dir): Promise<{ texts: string[]; places: Place[] }> {
  const journal = openJournal(folder);
  const found = { texts: [] as string[], places: [] as Place[] };
  await journal.recover((text, place) => {
    found.texts.push(text.toString());
    found.places.push(place);
    return isEntry(text.toString());
  });
  await journal.close();
  return found;
}

async function warningsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  await work();
  const messages = spy.mock.calls.map(([message]) => String(message));
  spy.mockRestore();
  return messages;
}

test('cut at any byte, a file has every entry that was acknowledged before, and nothing else', async () => {
  const journal = openJournal();
  const acknowledged: { text: string; size: number }[] = [];
  for (const group of [['one'], ['#one', 'two', 'three \u{1f600}', 'x'.repeat(60)], ['#two', '', 'last']]) {
    for (const text of group.filter((one) => !isEntry(one))) journal.remark(Buffer.from(text));
    await write(journal, ...group.filter(isEntry));
    const { size } = statSync(join(dir, FIRST));
    acknowledged.push(...group.map((text) => ({ text, size })));
  }
  await journal.close();
  expect((await recovered()).texts).toEqual(acknowledged.map(({ text }) => text));
  const all = acknowledged.map(({ text }) => text);
  const whole = join(dir, FIRST);
  const other = mkdtempSync(join(tmpdir(), 'journal-cut-'));
  for (let cut = statSync(whole).size; cut >= 0; cut--) {
    copyFileSync(whole, join(other, FIRST));
    truncateSync(join(other, FIRST), cut);
    const { texts } = await recovered(other);
    expect(texts).toEqual(all.slice(0, texts.length));
    const due = acknowledged.filter(({ size }) => size <= cut).length;
    expect(texts.length).toBeGreaterThanOrEqual(due);
    expect(texts.reduce((sum, text) => sum + frameBytes(Buffer.from(text)), 0)).toBeLessThanOrEqual(cut);
  }
  rmSync(other, { recursive: true });
});

test('what many write at once shares an fsync, and what comes meanwhile goes with the next', async () => {
  const handle = await open(join(dir, 'any'), 'w');
  const datasync = jest.spyOn(Object.getPrototypeOf(handle), 'datasync');
  await handle.close();
  const journal = openJournal();
  const first = write(journal, ...Array.from({ length: 100 }, (_, n) => `${n}`));
  await new Promise(setImmediate);
  const later = write(journal, ...Array.from({ length: 100 }, (_, n) => `later ${n}`));
  await Promise.all([first, later]);
  expect(datasync).toHaveBeenCalledTimes(2);
  datasync.mockRestore();
  await journal.close();
  expect((await recovered()).texts).toHaveLength(200);
});

test('an entry can be read while it is there, and a file whose entries are all released is removed', async () => {
  const journal = openJournal();
  const [a, b] = (await write(journal, 'a', 'b')) as [Place, Place];
  journal.release(a);
  expect(String(await journal.read([b]))).toBe('b');
  expect(files()).toEqual([FIRST]);
  journal.release(b);
  const [c] = (await write(journal, 'c')) as [Place];
  expect(String(await journal.read([c]))).toBe('c');
  await journal.close();
  expect(files()).toEqual(['0000000002.journal']);
  expect((await recovered()).texts).toEqual(['c']);
});

test('entries are read in the order that is asked for, wherever they are', async () => {
  const journal = openJournal();
  const places: Place[] = [];
  const texts = Array.from({ length: 60 }, (_, n) => `${n} ${'x'.repeat(n % 2 === 0 ? 10 : 15_000)}`);
  for (const text of texts) places.push(...(await write(journal, text)));
  expect(new Set(places.map(({ segment }) => segment)).size).toBeGreaterThan(2);
  expect((await journal.read(places.toReversed())).map(String)).toEqual(texts.toReversed());
  await journal.close();
});

test('a full journal refuses with what to do, and takes more when a file is released', async () => {
  const journal = openJournal();
  const text = 'x'.repeat(10_000);
  const places: Place[] = [];
  const fill = async (): Promise<unknown> => {
    for (;;) places.push(...(await write(journal, text)));
  };
  await expect(fill()).rejects.toMatchObject({
    name: 'JournalFull',
    id: 'a',
    message: expect.stringContaining('Then publish it again with id "a"'),
  });
  expect(places.length).toBeGreaterThan(100);
  expect(journal.bytes).toBeLessThanOrEqual(MAX);
  const oldest = places[0]?.segment;
  for (const place of places.filter(({ segment }) => segment === oldest)) journal.release(place);
  while (journal.bytes > MAX * 0.9) await new Promise(setImmediate);
  await write(journal, text);
  await journal.close();
  expect((await recovered()).texts).toHaveLength(places.filter(({ segment }) => segment !== oldest).length + 1);
});

test('damage in the middle of a file is reported, entries behind it are read, and the file is kept', async () => {
  const journal = openJournal();
  await write(journal, 'first', 'second', 'third');
  await journal.close();
  const content = readFileSync(join(dir, FIRST));
  content[content.indexOf('second') + 2] = 0;
  writeFileSync(join(dir, FIRST), content);
  const again = openJournal();
  const found: [string, Place][] = [];
  const warnings = await warningsDuring(() => again.recover((text, place) => found.push([text.toString(), place]) > 0));
  expect(found.map(([text]) => text)).toEqual(['first', 'third']);
  expect(warnings).toEqual([expect.stringContaining(`${FIRST} is damaged: 18 bytes from byte 17 on are no entry`)]);
  for (const [, place] of found) again.release(place);
  await again.close();
  expect(files()).toEqual([`${FIRST}.damaged`]);
  const next = openJournal();
  await write(next, 'never under a number that was used');
  await next.close();
  expect(files()).toEqual([`${FIRST}.damaged`, '0000000002.journal']);
});

test('a disk that fails is an error with its reason, and entries that are written afterwards are found', async () => {
  const handle = await open(join(dir, 'any'), 'w');
  const datasync = jest.spyOn(Object.getPrototypeOf(handle), 'datasync');
  await handle.close();
  const journal = openJournal();
  await write(journal, 'before');
  datasync.mockRejectedValueOnce(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
  await expect(write(journal, 'lost')).rejects.toMatchObject({
    name: 'JournalUnavailable',
    message: expect.stringContaining('ENOSPC'),
  });
  datasync.mockRestore();
  await write(journal, 'after');
  await journal.close();
  expect((await recovered()).texts).toEqual(['before', 'after']);
});

test('records beside the entries keep no file, neither for their writer nor for the next one', async () => {
  const journal = openJournal();
  const writeAll = async (): Promise<Place[]> => {
    const [a] = await write(journal, 'a');
    journal.remark(Buffer.from('#a'));
    return [a as Place, ...(await write(journal, 'b'))];
  };
  for (const place of await writeAll()) journal.release(place);
  while (files().length > 0) await new Promise(setImmediate);
  await writeAll();
  await journal.close();
  expect((await recovered()).texts).toEqual(['a', '#a', 'b']);
  const next = openJournal();
  const places: Place[] = [];
  await next.recover((text, found) => isEntry(text.toString()) && places.push(found) > 0);
  expect(places).toHaveLength(2);
  for (const found of places) next.release(found);
  await next.close();
  expect(files()).toEqual([]);
});

test('while a disk hangs, waiting events are refused within the deadline, with whether they may be there; one that is there late is told', async () => {
  const handle = await open(join(dir, 'any'), 'w');
  const datasync = jest.spyOn(Object.getPrototypeOf(handle), 'datasync');
  await handle.close();
  let goOn = (): void => {};
  datasync.mockImplementationOnce(() => new Promise<void>((resolve) => (goOn = resolve)));
  const journal = new Journal({ dir, maxBytes: MAX, keepHours: 0 }, { deadlineMs: 300, maxWaitingBytes: 300 });
  const late: Place[] = [];
  const add = (text: string) => journal.append(Buffer.from(text), ids, (place) => late.push(place));
  const first = add('being written');
  const second = new Promise(setImmediate).then(() => add('behind it'));
  const refused = { name: 'JournalUnavailable', message: expect.stringContaining('nothing was written for 300 ms') };
  await Promise.all([
    expect(first).rejects.toMatchObject({ ...refused, mayBeAccepted: true }),
    expect(second).rejects.toMatchObject({ ...refused, mayBeAccepted: false }),
  ]);
  expect(journal.waitingBytes).toBe(frameBytes(Buffer.from('being written')));
  await expect(add('x'.repeat(300))).rejects.toThrow('25 bytes wait for it already');
  goOn();
  while (late.length === 0) await new Promise(setImmediate);
  datasync.mockRestore();
  expect((await journal.read(late)).map(String)).toEqual(['being written']);
  await journal.close();
  expect((await recovered()).texts).toEqual(['being written']);
});

test('not more than a file is written at once', async () => {
  const handle = await open(join(dir, 'any'), 'w');
  const datasync = jest.spyOn(Object.getPrototypeOf(handle), 'datasync');
  await handle.close();
  const journal = new Journal({ dir, maxBytes: 100 * MAX, keepHours: 0 });
  await write(journal, ...Array.from({ length: 20 }, () => 'x'.repeat(1_000_000)));
  expect(datasync.mock.calls.length).toBeGreaterThan(2);
  datasync.mockRestore();
  await journal.close();
});

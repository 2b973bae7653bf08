import fs, { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../../events/catalogue';
import { freePort } from '../../stack/free-port';
import { startSilentServer } from '../../tests/silent-server';
import { createPublisher } from '../create-publisher';
import { batchWorkflow } from '../start-options';
import { IdConflict, InvalidEvent, JournalFull, JournalLocked, JournalUnavailable } from '../errors';
import { readText } from './entry';
import { Journal } from './journal';
import type { Publisher } from '../publisher';

const ban = catalogue['Agent.Ban'].example;
let folder: string;
let dir: string;
/** Closed after the test, also when it fails. */
let opened: Publisher[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  dir = join(folder, 'made', 'by', 'it');
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((publisher) => publisher.close()));
  rmSync(folder, { recursive: true });
});

async function publisherToNobody(maxBytes?: number): Promise<Publisher> {
  const clusters = [{ name: 'main', address: `127.0.0.1:${await freePort()}` }];
  const journal = { dir, ...(maxBytes !== undefined && { maxBytes }) };
  const publisher = createPublisher({ clusters, journal, deadlineMs: 3_000 });
  opened.push(publisher);
  return publisher;
}

test('with a dead cluster a publish is accepted by the journal, and is there for the next publisher', async () => {
  const publisher = await publisherToNobody();
  expect(await publisher.publish('Agent.Ban', ban, { id: 'a' })).toEqual({
    id: 'a',
    key: 'Agent.Ban/10001/a',
    workflowId: 'Agent.Ban/10001/a',
    acceptedBy: 'journal',
    duplicate: false,
    unknownFields: [],
  });
  await publisher.publish('Agent.Ban', ban, { id: 'b' });
  const { journal } = publisher.status();
  expect(journal).toEqual({
    isHeld: true,
    entries: 2,
    unstarted: 2,
    bytes: expect.any(Number),
    keptBytes: 0,
    waitingBytes: 0,
    oldestAgeMs: expect.any(Number),
  });
  expect(journal?.bytes).toBeGreaterThan(2 * JSON.stringify(ban).length);
  const began = performance.now();
  await publisher.close();
  expect(performance.now() - began).toBeLessThan(20_000);
  const next = await publisherToNobody();
  while (next.status().journal?.entries !== 2) await new Promise((resolve) => setTimeout(resolve, 10));
});

test('a hung cluster holds up neither a publish nor close beyond its deadline', async () => {
  const silent = await startSilentServer();
  const clusters = [{ name: 'main', address: silent.address }];
  const publisher = createPublisher({ clusters, journal: { dir }, deadlineMs: 1_500 });
  await publisher.publish('Agent.Ban', ban);
  const began = performance.now();
  await publisher.close();
  expect(performance.now() - began).toBeLessThan(20_000);
  await silent.close();
});

test('events that are started together are noted in the journal, for the next process', async () => {
  const publisher = await publisherToNobody();
  await Promise.all(['a', 'b'].map((id) => publisher.publish('Agent.Ban', ban, { id })));
  await publisher.close();
  const journal = new Journal({ dir, maxBytes: 1024 ** 2, keepHours: 0 });
  const found: { text: object; at: string }[] = [];
  await journal.recover((text, { segment, offset }) => {
    found.push({ text: readText(text), at: [segment.number, offset].join() });
    return true;
  });
  await journal.close();
  const [a, b, note] = found;
  expect(note?.text).toEqual({
    ride: batchWorkflow(['Agent.Ban/10001/b', 'Agent.Ban/10001/a']).workflowId,
    of: [a, b].map((one) => one?.at.split(',').map(Number)),
  });
});

test('a bad event is refused at once and is not in the journal', async () => {
  const publisher = await publisherToNobody();
  await expect(publisher.publish('Agent.Ban', '{"SiteId":1,"AgentId":{}}')).rejects.toBeInstanceOf(InvalidEvent);
  expect(publisher.status().journal).toMatchObject({ entries: 0, bytes: 0, oldestAgeMs: 0 });
});

test('a full journal is a typed error that names the event, and the events accepted before are kept', async () => {
  const publisher = await publisherToNobody(1024 ** 2);
  const large = { ...ban, Comment: 'x'.repeat(20_000) };
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, (_, n) => publisher.publish('Agent.Ban', large, { id: `${n}` })),
  );
  const accepted = results.filter(({ status }) => status === 'fulfilled').length;
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(accepted).toBeGreaterThan(30);
  expect(errors.length).toBeGreaterThan(30);
  expect(errors.every((error) => error instanceof JournalFull)).toBe(true);
  expect(errors.at(-1)).toMatchObject({ id: '99', key: 'Agent.Ban/10001/99' });
  expect(publisher.status().journal?.entries).toBe(accepted);
});

test('two publishers never share a folder', async () => {
  const publisher = await publisherToNobody();
  await expect(publisherToNobody()).rejects.toBeInstanceOf(JournalLocked);
  await publisher.close();
  await publisherToNobody();
});

test('a folder that cannot be used is said at once', async () => {
  writeFileSync(join(folder, 'made'), 'a file where the folder should be');
  await expect(publisherToNobody()).rejects.toThrow(
    `createPublisher: journal.dir ${dir} cannot be used (ENOTDIR). This user must be able to make and write files there.`,
  );
});

test('a publisher that cannot be made leaves the folder to the next one', async () => {
  mkdirSync(dir, { recursive: true });
  for (const name of ['0000000001.journal', '0000000001.released']) {
    symlinkSync('/nowhere', join(dir, name));
    await expect(publisherToNobody()).rejects.toThrow('cannot be used (ENOENT)');
    rmSync(join(dir, name));
  }
  const clientCertPair = { crt: Buffer.from('no certificate'), key: Buffer.from('no key') };
  const clusters = [{ name: 'main', address: '127.0.0.1:1', tls: { clientCertPair } }];
  expect(() => createPublisher({ clusters, journal: { dir } })).toThrow('createPublisher: clusters cannot be used: ');
  await publisherToNobody();
});

test('a disk that is full is said', async () => {
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  const write = jest.spyOn(fs, 'writeFileSync').mockImplementationOnce(() => {
    throw full;
  });
  await expect(publisherToNobody()).rejects.toThrow('cannot be used (ENOSPC). The disk is full: make room there.');
  write.mockRestore();
});

test('a folder where none can be made is said at once, too', () => {
  const clusters = [{ name: 'main', address: '127.0.0.1:1' }];
  for (const path of ['/proc/nope', '/proc/nope/journal']) {
    expect(() => createPublisher({ clusters, journal: { dir: path } })).toThrow(`${path} cannot be used (`);
  }
});

test('a disk that hangs holds up neither a publish nor close beyond its deadline, and what it takes late goes on', async () => {
  const publisher = await publisherToNobody();
  const handle = await open(join(folder, 'any'), 'w');
  const datasync = jest.spyOn(Object.getPrototypeOf(handle), 'datasync');
  await handle.close();
  const hang = (): Promise<() => void> =>
    new Promise((hung) => datasync.mockImplementationOnce(() => new Promise<void>((goOn) => hung(goOn))));
  const hanging = hang();
  await expect(publisher.publish('Agent.Ban', ban)).rejects.toMatchObject({
    constructor: JournalUnavailable,
    mayBeAccepted: true,
  });
  (await hanging)();
  while (publisher.status().journal?.entries !== 1) await new Promise(setImmediate);
  const again = hang();
  const outcome = publisher.publish('Agent.Ban', ban).catch((error: unknown) => error);
  const goOn = await again;
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  await publisher.close();
  expect(await outcome).toBeInstanceOf(JournalUnavailable);
  expect(warned).toHaveBeenCalledWith(expect.stringContaining('does not answer'), 'JournalWarning');
  warned.mockRestore();
  await expect(publisherToNobody()).rejects.toBeInstanceOf(JournalLocked);
  goOn();
  while (existsSync(join(dir, 'lock'))) await new Promise(setImmediate);
  datasync.mockRestore();
});

test('without a journal the status says so', async () => {
  const publisher = createPublisher({ clusters: [{ name: 'main', address: '127.0.0.1:1' }] });
  expect(publisher.status()).toMatchObject({ journal: null });
  await publisher.close();
});

test('other content under the id of an event that the journal has is a conflict, also for the next publisher', async () => {
  const publisher = await publisherToNobody();
  await publisher.publish('Agent.Ban', ban, { id: 'a' });
  const publishOther = (by: Publisher) => by.publish('Agent.Ban', { ...ban, Comment: 'other' }, { id: 'a' });
  await expect(publishOther(publisher)).rejects.toThrow('Agent.Ban/10001/a is published already, with other content');
  await publisher.publish('Agent.Ban', ban, { id: 'a' });
  await publisher.close();
  const next = await publisherToNobody();
  while (next.status().journal?.entries !== 2) await new Promise(setImmediate);
  await expect(publishOther(next)).rejects.toBeInstanceOf(IdConflict);
});

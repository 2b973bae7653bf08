import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LargeEventStoreUnavailable, openLargeEventStore } from './large-events';

let parent: string;
let dir: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'large-events-'));
  dir = join(parent, 'store');
});

afterEach(() => rm(parent, { recursive: true, force: true }));

const payload = (text: string) => ({ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(text) });

function driver() {
  const [one] = openLargeEventStore(dir).externalStorage.drivers;
  if (one === undefined) throw new Error('no driver');
  return one;
}

const store = (text: string, id = 'Agent.Ban/1/a') =>
  driver().store({ target: { kind: 'workflow', namespace: 'n', id } }, [payload(text)]);

it('gives back what it was given, from another process, too', async () => {
  const claims = await store('{"data":"ä"}');
  expect(await driver().retrieve({}, claims)).toEqual([payload('{"data":"ä"}')]);
});

it('keeps one file for the same content, and nobody else may read it', async () => {
  await Promise.all([store('same'), store('same'), store('same')]);
  await store('same');
  const files = await readdir(dir);
  expect(files).toHaveLength(1);
  expect((await stat(join(dir, files[0] ?? ''))).mode & 0o777).toBe(0o600);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
});

it('says which file is gone, and which was changed', async () => {
  const claims = await store('content');
  const [file = ''] = await readdir(dir);
  await writeFile(join(dir, file), `${await readFile(join(dir, file), 'utf8')}!`);
  await expect(driver().retrieve({}, claims)).rejects.toThrow(`${file} of a large event was changed`);
  await rm(join(dir, file));
  await expect(driver().retrieve({}, claims)).rejects.toThrow(`${file} of a large event cannot be read`);
});

it('reads nothing outside of its folder', async () => {
  const [claim] = await store('content');
  Object.assign(claim?.claimData ?? {}, { sha256: '../../etc/passwd' });
  await expect(driver().retrieve({}, claim === undefined ? [] : [claim])).rejects.toThrow('is damaged');
});

it('takes no notice of what a writer that died has left', async () => {
  const claims = await store('content');
  const [file = ''] = await readdir(dir);
  await writeFile(join(dir, `${file}.half`), 'half');
  expect(await driver().retrieve({}, claims)).toEqual([payload('content')]);
});

it('removes what is old and whose workflow is closed', async () => {
  const long = new Date(Date.now() - 3_600_000);
  await store('closed', 'closed');
  await store('open', 'open');
  await writeFile(join(dir, 'left-by-a-crash'), 'half');
  for (const file of await readdir(dir)) await utimes(join(dir, file), long, long);
  const [fresh] = await store('fresh', 'closed');
  const asked: string[] = [];
  const isOpen = async (id: string) => (asked.push(id), id === 'open');
  const { removeOld } = openLargeEventStore(dir);
  expect(await removeOld(60_000, isOpen)).toBe(2);
  expect(asked.sort()).toEqual(['closed', 'open']);
  expect(await readdir(dir)).toHaveLength(2);
  expect(await driver().retrieve({}, fresh === undefined ? [] : [fresh])).toEqual([payload('fresh')]);
  expect(await removeOld(60_000, isOpen)).toBe(0); // what is open counts as touched
});

it('is probed by writing and reading, and leaves nothing behind', async () => {
  await openLargeEventStore(dir).probe();
  expect(await readdir(dir)).toEqual([]);
  await writeFile(join(parent, 'file'), '');
  const refused = openLargeEventStore(join(parent, 'file')).probe();
  await expect(refused).rejects.toThrow(LargeEventStoreUnavailable);
  await expect(refused).rejects.toThrow(/cannot be used: .*Every publisher and worker must be able to write there/);
  await chmod(parent, 0o700);
});

import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../events/catalogue';
import { freshNamespace } from '../tests/fresh-namespace';
import { ContentFolder } from './content-folder';
import { createPublisher } from './create-publisher';
import { openLargeEventStore } from './large-events';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'large-events-'));
  await openLargeEventStore(dir).prepare();
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const payload = (text: string) => ({ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(text) });

function driver() {
  const [one] = openLargeEventStore(dir).externalStorage.drivers;
  if (one === undefined) throw new Error('no driver');
  return one;
}

const store = (text: string, id = 'Agent.Ban/1/a') =>
  driver().store({ target: { kind: 'workflow', namespace: 'n', id } }, [payload(text)]);

const contents = async () => (await readdir(dir)).filter((name) => /^[0-9a-f]{64}/.test(name));

async function makeOld(): Promise<void> {
  const long = new Date(Date.now() - 3_600_000);
  for (const name of await contents()) await utimes(join(dir, name), long, long);
}

const olderThanMs = 60_000;
const soon = () => performance.now() + 60_000;

it('gives back what it was given, from another process, too', async () => {
  const claims = await store('{"data":"ä"}');
  expect(await driver().retrieve({}, claims)).toEqual([payload('{"data":"ä"}')]);
  expect(await driver().retrieve({}, await store(''))).toEqual([payload('')]);
});

it('has a file for each workflow, and one for its repeats', async () => {
  await Promise.all([store('same'), store('same'), store('same', 'Agent.Ban/1/b')]);
  expect(await contents()).toHaveLength(2);
});

it('removes old files whose workflow is closed', async () => {
  await store('closed', 'closed');
  await store('open', 'open');
  await writeFile(join(dir, `${'0'.repeat(64)}.9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d`), 'half');
  await makeOld();
  const fresh = await store('fresh', 'closed');
  const asked: string[] = [];
  const isNeeded = async (id: string) => (asked.push(id), id === 'open');
  const { removeOld } = openLargeEventStore(dir);
  expect(await removeOld({ olderThanMs, until: soon(), isNeeded })).toEqual({ removed: 2, done: true });
  expect(asked.sort()).toEqual(['closed', 'open']);
  expect(await contents()).toHaveLength(2);
  expect(await driver().retrieve({}, fresh)).toEqual([payload('fresh')]);
  expect(await removeOld({ olderThanMs, until: soon(), isNeeded })).toEqual({ removed: 0, done: true });
  expect(asked).toHaveLength(2); // what is open counts as used
});

it('keeps all when it cannot ask, and stops when its time is over', async () => {
  await store('closed', 'closed');
  await makeOld();
  const { removeOld } = openLargeEventStore(dir);
  const isNeeded = () => Promise.reject(new Error('down'));
  await expect(removeOld({ olderThanMs, until: soon(), isNeeded })).rejects.toThrow('down');
  const closed = async () => false;
  expect(await removeOld({ olderThanMs, until: performance.now() - 1, isNeeded: closed })).toMatchObject({
    done: false,
  });
  expect(await contents()).toHaveLength(1);
});

it('keeps a file that it cannot read now: its workflow may be open', async () => {
  await store('closed', 'closed');
  await makeOld();
  const { removeOld } = openLargeEventStore(dir);
  const round = { olderThanMs, until: soon(), isNeeded: async () => false };
  const head = jest.spyOn(ContentFolder.prototype, 'head').mockRejectedValueOnce(new Error('no answer'));
  expect(await removeOld(round)).toEqual({ removed: 0, done: true });
  expect(await contents()).toHaveLength(1);
  expect(await removeOld(round)).toEqual({ removed: 1, done: true });
  head.mockRestore();
});

it('a folder that hangs does not hold up a publish beyond its deadline', async () => {
  const temporal = await freshNamespace();
  const clusters = [
    { name: 'main', address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '', namespace: temporal.namespace },
  ];
  const put = jest.spyOn(ContentFolder.prototype, 'put').mockImplementation(() => new Promise<string>(() => {}));
  const publisher = createPublisher({ clusters, largeEvents: { dir }, deadlineMs: 1_000 });
  const large = { ...catalogue['Agent.Ban'].example, Comment: 'x'.repeat(300_000) };
  await expect(publisher.publish('Agent.Ban', large)).rejects.toMatchObject({
    name: 'ClusterUnavailable',
    mayBeAccepted: true,
  });
  await publisher.close();
  put.mockRestore();
  await temporal.close();
}, 30_000);

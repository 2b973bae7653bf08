import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContentBucket } from './content-bucket';
import { openLargeEventStore } from './large-events';
import { startS3, type S3Server } from '../tests/s3-server';

let dir: string;
let server: S3Server;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 's3-'));
  server = await startS3(dir, 'events');
});

afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Each test has a prefix of its own. */
let prefix = 0;
let where: string;
let bucket: ContentBucket;

beforeEach(async () => {
  Object.assign(process.env, server.environment);
  where = `s3://events/${++prefix}/large`;
  bucket = new ContentBucket(where);
  await bucket.prepare();
});

const put = (text: string, into = bucket) => into.put([Buffer.from(text)]);
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);

/** The server keeps an object as files whose names begin with the key's. */
async function makeOld(name: string, hours = 100): Promise<void> {
  const folder = join(dir, 'events', String(prefix), 'large');
  const files = (await readdir(folder)).filter((file) => file.startsWith(name));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) await utimes(join(folder, file), hoursAgo(hours), hoursAgo(hours));
}

async function old(hours = 96): Promise<string[]> {
  const names: string[] = [];
  for await (const name of bucket.listOld(hoursAgo(hours).getTime(), performance.now() + 60_000)) names.push(name);
  return names;
}

it('gives back what it was given, once for the same content, from another process, too', async () => {
  const content = Buffer.alloc(15 * 1024 * 1024, 'ä');
  const name = await bucket.put([content.subarray(0, 9), content.subarray(9)]);
  expect(await bucket.put([content])).toBe(name);
  expect((await new ContentBucket(`${where}/`).get(name)).equals(content)).toBe(true);
  expect((await bucket.head(name, 3)).equals(content.subarray(0, 3))).toBe(true);
});

it('lists and removes only contents that no process has used for long', async () => {
  const names = await Promise.all(['a', 'b', 'c'].map((text) => put(text)));
  const [first = '', second = ''] = names;
  expect(await old()).toEqual([]);
  expect(await bucket.remove(first, hoursAgo(96).getTime())).toBe(false);
  for (const name of names) await makeOld(name);
  expect((await old()).sort()).toEqual([...names].sort());
  await bucket.get(first);
  await put('b');
  expect(await old()).toEqual([names[2]]);
  expect(await bucket.touch('0'.repeat(64))).toBe(false);
  await makeOld(second);
  expect(await bucket.remove(second, hoursAgo(96).getTime())).toBe(true);
  expect(await bucket.remove(second, hoursAgo(96).getTime())).toBe(false);
  await expect(bucket.get(second)).rejects.toThrow(
    /object .*large\/[0-9a-f]{64} .* bucket events is gone\. See that bucket and prefix/,
  );
});

it('is a store of large events that is cleaned up as a folder is', async () => {
  const { externalStorage, removeOld } = openLargeEventStore(where);
  const [driver] = externalStorage.drivers;
  const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"x"') };
  const store = async (id: string) =>
    (await driver?.store({ target: { kind: 'workflow', namespace: 'n', id } }, [payload])) ?? [];
  const claims = [...(await store('open')), ...(await store('closed'))];
  expect(await driver?.retrieve({}, claims)).toEqual([payload, payload]);
  for (const { claimData } of claims) await makeOld(claimData['sha256'] ?? '');
  const isNeeded = async (id: string) => id === 'open';
  const round = { olderThanMs: 96 * 3_600_000, until: performance.now() + 60_000, isNeeded };
  expect(await removeOld(round)).toEqual({ removed: 1, done: true });
  expect(await removeOld(round)).toEqual({ removed: 0, done: true });
});

it('tells a changed object', async () => {
  const name = await put('content');
  await writeFile(join(dir, 'events', String(prefix), 'large', `${name}._S3rver_object`), 'changed');
  await expect(bucket.get(name)).rejects.toThrow('was changed. Bring it back as it was');
});

describe('says what to do', () => {
  it('where no worker looks', async () => {
    await expect(put('x', new ContentBucket(`${where}-of-another`))).rejects.toThrow(
      /of-another, cannot be used: no worker uses it\. Correct bucket and prefix, or start a worker/,
    );
  });

  it('where the bucket is not there', async () => {
    await expect(new ContentBucket('s3://nothing').prepare()).rejects.toThrow(
      's3://nothing, cannot be used: NoSuchBucket. Make the bucket, or correct its name.',
    );
  });

  it('where credentials are wrong', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'ANOTHER';
    await expect(new ContentBucket(where).prepare()).rejects.toThrow(
      /InvalidAccessKeyId\. Correct AWS_ACCESS_KEY_ID and AWS_SECRET/,
    );
  });

  it('where nothing listens, after it has tried again', async () => {
    process.env['AWS_ENDPOINT_URL_S3'] = 'http://127.0.0.1:1';
    await expect(new ContentBucket(where).prepare()).rejects.toThrow(/ECONNREFUSED.*See that the service answers/);
  });

  it('where the server does not answer in time', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const sockets: { destroy(): void }[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    process.env['AWS_ENDPOINT_URL_S3'] = `http://127.0.0.1:${(silent.address() as { port: number }).port}`;
    await expect(new ContentBucket(where, 300).prepare()).rejects.toThrow('does not answer within 0.3 s');
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

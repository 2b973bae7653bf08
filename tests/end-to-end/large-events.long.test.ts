import { Client, type WorkflowHandle } from '@temporalio/client';
import { simpleParser } from 'mailparser';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSmtpServer, type FakeSmtpServer } from '../../activities/consumers/email/fake';
import { createPublisher, EventTooLarge, LargeEventStoreUnavailable, type Publisher } from '../../client';
import { openLargeEventStore } from '../../client/large-events';
import { catalogue } from '../../events/catalogue';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../../protocol/constants';
import { runWorker, type Running } from '../running-worker';

const MIB = 1024 * 1024;
/** Of workers and publishers; other programs send without. */
const PAYLOAD_KEY = randomBytes(32).toString('base64');

let dir: string;
let running: Running;
let publisher: Publisher;
let smtp: FakeSmtpServer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'large-events-'));
  running = await runWorker({ environment: { LARGE_EVENTS_DIR: dir, PAYLOAD_KEY, ALLOWED_ADDRESSES: '127.0.0.1' } });
  publisher = publisherOf(running);
  await running.pool.query(`insert into subscription (data_queue, event_type, consumer) values
    ('OfflineMessage.Submit.Persistence', 'OfflineMessage.Submit', 'persistence'),
    ('OfflineMessage.Submit.Email', 'OfflineMessage.Submit', 'email')`);
  smtp = await startSmtpServer({ security: 'none' });
  const { host, port } = smtp;
  const recipients = { 'OfflineMessage.Submit': ['team@example.com'] };
  const config = { host, port, security: 'none', from: { address: 'chat@example.com' }, recipients };
  await running.pool.query(
    "insert into connection (site_id, consumer, name, config) values ($1, 'email', 'team', $2)",
    [String(catalogue['OfflineMessage.Submit'].example['SiteId']), JSON.stringify(config)],
  );
});

afterAll(async () => {
  await publisher.close();
  await running.stop();
  await smtp.close();
  await rm(dir, { recursive: true, force: true });
});

function publisherOf({ config }: Running, folder = dir): Publisher {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = config;
  return createPublisher({
    clusters: [{ name: 'main', address, namespace }],
    largeEvents: { dir: folder },
    payloadKey: PAYLOAD_KEY,
    deadlineMs: 60_000,
  });
}

const contents = async () => (await readdir(dir)).filter((name) => /^[0-9a-f]{64}$/.test(name));

/** Another program's client, which shares the folder. */
function clientOf({ client: { connection, options } }: Running): Client {
  const { externalStorage } = openLargeEventStore(dir);
  return new Client({ connection, namespace: options.namespace, dataConverter: { externalStorage } });
}

/** A workflow that nobody works on, with an input that is in the folder. */
async function keepOpen(): Promise<{ terminate(): Promise<unknown> }> {
  const args = [{ type: 'Agent.Ban', data: 'x'.repeat(MIB) }];
  return await clientOf(running).workflow.start(WORKFLOW_TYPE, { taskQueue: 'nobody', workflowId: randomUUID(), args });
}

/** An offline message with a file of so many bytes. */
const withFile = (content: Buffer) => ({
  ...catalogue['OfflineMessage.Submit'].example,
  AttachmentName: 'film.mp4',
  AttachmentContent: content.toString('base64'),
});

it('takes 15 MiB of JSON from publish to the rows and into the mail, byte for byte, beside a small history', async () => {
  const content = randomBytes(11.25 * MIB);
  const { workflowId, key } = await publisher.publish('OfflineMessage.Submit', withFile(content));
  const handle = running.client.workflow.getHandle(workflowId);
  expect(await handle.result()).toEqual({ delivered: 2 });
  const mail = await simpleParser(smtp.arrivals[0]?.raw ?? '');
  expect(mail.attachments.map(({ filename }) => filename)).toEqual(['film.mp4']);
  expect(mail.attachments[0]?.content.equals(content)).toBe(true);
  const { rows } = await running.pool.query('select content, size from attachment where event_key = $1', [key]);
  expect(rows[0].size).toBe(content.length);
  expect(content.equals(rows[0].content)).toBe(true);
  expect((await handle.describe()).historySize).toBeLessThan(64 * 1024);

  // The workflow's input and that of its activity, until both are old and it is closed.
  const open = await keepOpen();
  const files = await contents();
  expect(files).toHaveLength(3);
  const long = new Date(Date.now() - 100 * 3_600_000); // retention is 72 hours, and a day
  for (const file of files) await utimes(join(dir, file), long, long);
  const { DATABASE_URL, TEMPORAL_NAMESPACE } = running.config;
  const next = await runWorker({
    environment: { DATABASE_URL, TEMPORAL_NAMESPACE, LARGE_EVENTS_DIR: dir, PAYLOAD_KEY },
  });
  await running.until(async () => (await contents()).length === 1);
  await next.stop();
  const [left = ''] = await contents();
  expect((await stat(join(dir, left))).mtimeMs).toBeGreaterThan(Date.now() - 3_600_000);
  await open.terminate();
});

it('refuses 25 MiB at the publisher, and at recording when another client starts it', async () => {
  const data = withFile(randomBytes(18.75 * MIB));
  await expect(publisher.publish('OfflineMessage.Submit', data)).rejects.toThrow(EventTooLarge);
  const workflowId = randomUUID();
  const options = { taskQueue: TASK_QUEUE, workflowId, args: [{ type: 'OfflineMessage.Submit', data }] };
  await expect(clientOf(running).workflow.execute(WORKFLOW_TYPE, options)).rejects.toMatchObject({
    cause: { type: 'InvalidEvent', message: expect.stringContaining('20') },
  });
  const { rows } = await running.pool.query('select length(raw) as size from refused_event where workflow_id = $1', [
    workflowId,
  ]);
  expect(rows[0].size).toBeGreaterThan(25 * MIB);
});

it('says at the publisher that its folder is not that of the workers, and how to publish again', async () => {
  const publisher = publisherOf(running, `${dir}-of-another`);
  const publishing = publisher.publish('OfflineMessage.Submit', withFile(randomBytes(MIB)), { id: 'again' });
  await expect(publishing).rejects.toThrow(LargeEventStoreUnavailable);
  await expect(publishing).rejects.toMatchObject({
    id: 'again',
    message: expect.stringMatching(/no worker uses it\. .*LARGE_EVENTS_DIR.* publish it again with id "again"\.$/),
  });
  await publisher.close();
});

/** A worker, and one with the folder that comes after it. */
async function twoWorkers() {
  const first = await runWorker({ environment: { PAYLOAD_KEY } });
  const { DATABASE_URL, TEMPORAL_NAMESPACE } = first.config;
  const publisher = publisherOf(first);
  return {
    first,
    publish: async () => {
      const { workflowId } = await publisher.publish('OfflineMessage.Submit', withFile(randomBytes(MIB)));
      return first.client.workflow.getHandle(workflowId);
    },
    failsWith: (handle: WorkflowHandle, reason: string) =>
      first.until(async () => JSON.stringify(await handle.fetchHistory()).includes(reason)),
    async startSecond() {
      await first.worker.stop();
      const second = await runWorker({
        environment: { DATABASE_URL, TEMPORAL_NAMESPACE, LARGE_EVENTS_DIR: dir, PAYLOAD_KEY },
      });
      return async () => {
        await publisher.close();
        await second.stop();
        await first.stop();
      };
    },
  };
}

it('loses nothing while the workers lack the folder', async () => {
  const { first, publish, failsWith, startSecond } = await twoWorkers();
  const published = await publish();
  const data = withFile(randomBytes(MIB));
  const started = await clientOf(first).workflow.start(WORKFLOW_TYPE, {
    taskQueue: TASK_QUEUE, // where any SDK may start it
    workflowId: randomUUID(),
    args: [{ type: 'OfflineMessage.Submit', data }],
  });
  await failsWith(started, 'external storage is not configured');
  expect((await published.describe()).historyLength).toBe(2); // waits for a worker that has the folder
  const stop = await startSecond();
  expect(await Promise.all([published.result(), started.result()])).toEqual([{}, {}]);
  await stop();
});

it('loses nothing while the folder lacks the file', async () => {
  const { publish, failsWith, startSecond } = await twoWorkers();
  const known = await contents();
  const published = await publish();
  const file = join(dir, (await contents()).find((name) => !known.includes(name)) ?? '');
  await rename(file, `${file}-elsewhere`);
  const stop = await startSecond();
  await failsWith(published, 'of a large event is gone');
  await rename(`${file}-elsewhere`, file);
  expect(await published.result()).toEqual({});
  await stop();
});

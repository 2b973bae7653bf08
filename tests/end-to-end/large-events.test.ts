import { Client, Connection } from '@temporalio/client';
import { simpleParser } from 'mailparser';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSmtpServer, type FakeSmtpServer } from '../../activities/consumers/email/fake';
import { createPublisher, EventTooLarge, type Publisher } from '../../client';
import { openLargeEventStore } from '../../client/large-events';
import { catalogue } from '../../events/catalogue';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../../workflows/constants';
import { runWorker, type Running } from '../running-worker';

const MIB = 1024 * 1024;

let dir: string;
let running: Running;
let publisher: Publisher;
let smtp: FakeSmtpServer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'large-events-'));
  running = await runWorker({ environment: { LARGE_EVENTS_DIR: dir } });
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

function publisherOf({ config }: Running): Publisher {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = config;
  return createPublisher({
    clusters: [{ name: 'main', address, namespace }],
    largeEvents: { dir },
    deadlineMs: 60_000,
  });
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
  const files = await readdir(dir);
  expect(files.length).toBeGreaterThanOrEqual(1);
  const long = new Date(Date.now() - 100 * 3_600_000);
  for (const file of files) await utimes(join(dir, file), long, long);
  const isOpen = async (id: string) =>
    (await running.client.workflow.getHandle(id).describe()).status.name === 'RUNNING';
  expect(await openLargeEventStore(dir).removeOld(96 * 3_600_000, isOpen)).toBe(files.length);
  expect(await readdir(dir)).toEqual([]);
});

it('refuses 25 MiB at the publisher, and at recording when another client starts it', async () => {
  const data = withFile(randomBytes(18.75 * MIB));
  await expect(publisher.publish('OfflineMessage.Submit', data)).rejects.toThrow(EventTooLarge);
  const connection = await Connection.connect({ address: running.config.TEMPORAL_ADDRESS });
  const { externalStorage } = openLargeEventStore(dir);
  const client = new Client({
    connection,
    namespace: running.config.TEMPORAL_NAMESPACE,
    dataConverter: { externalStorage },
  });
  const workflowId = randomUUID();
  const options = { taskQueue: TASK_QUEUE, workflowId, args: [{ type: 'OfflineMessage.Submit', data }] };
  await expect(client.workflow.execute(WORKFLOW_TYPE, options)).rejects.toMatchObject({
    cause: { type: 'InvalidEvent', message: expect.stringContaining('20') },
  });
  const { rows } = await running.pool.query('select length(raw) as size from refused_event where workflow_id = $1', [
    workflowId,
  ]);
  expect(rows[0].size).toBeGreaterThan(25 * MIB);
  await connection.close();
});

it('waits for a worker that has the folder', async () => {
  const without = await runWorker();
  const own = publisherOf(without);
  const { workflowId } = await own.publish('OfflineMessage.Submit', withFile(randomBytes(MIB)));
  const handle = without.client.workflow.getHandle(workflowId);
  await without.until(async () => {
    const { events } = await handle.fetchHistory();
    return JSON.stringify(events).includes('workflowTaskFailedEventAttributes');
  });
  const { DATABASE_URL, TEMPORAL_NAMESPACE } = without.config;
  await without.worker.stop();
  const withFolder = await runWorker({ environment: { DATABASE_URL, TEMPORAL_NAMESPACE, LARGE_EVENTS_DIR: dir } });
  expect(await handle.result()).toEqual({});
  await own.close();
  await withFolder.stop();
  await without.stop();
});

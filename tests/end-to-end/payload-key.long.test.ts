import { Worker } from '@temporalio/worker';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublisher, type Publisher, type Receipt } from '../../client';
import { openLargeEventStore } from '../../client/large-events';
import { readPayloadKeys } from '../../client/payload-keys';
import { treatPayloads } from '../../client/payloads';
import { catalogue } from '../../events/catalogue';
import { startTemporal, type Temporal } from '../../stack/start-temporal';
import { findWorkflowBundle, payloadConverterPath } from '../../workers/create-workers';
import { runWorker, type Running } from '../running-worker';
import { startS3 } from '../s3-server';

const newKey = (): string => randomBytes(32).toString('base64');
const [first, second] = [newKey(), newKey()];

let dir: string;
let temporal: Temporal;
let address: string;
let stopS3: () => Promise<void>;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'payload-key-'));
  const { environment, stop } = await startS3(join(dir, 'bucket'), 'events');
  Object.assign(process.env, environment);
  stopS3 = stop;
  temporal = await startTemporal({ dataDir: join(dir, 'temporal') });
  ({ address } = temporal);
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await temporal.stop();
  await stopS3();
  await rm(dir, { recursive: true, force: true });
});

async function start(environment: NonNullable<Parameters<typeof runWorker>[0]>['environment']): Promise<Running> {
  const running = await runWorker({
    environment: { TEMPORAL_ADDRESS: address, LARGE_EVENTS_DIR: join(dir, 'large'), ...environment },
  });
  closing.push(() => running.stop());
  return running;
}

function publisherOf({ config }: Running, payloadKey?: string): Publisher {
  const { TEMPORAL_NAMESPACE: namespace, LARGE_EVENTS_DIR: large = '' } = config;
  const clusters = [{ name: 'main', address, namespace }];
  // One at a time, so that events wait, and go together.
  const publisher = createPublisher({
    clusters,
    payloadKey,
    largeEvents: { dir: large },
    deadlineMs: 60_000,
    maxInFlight: 1,
  });
  closing.push(() => publisher.close());
  return publisher;
}

const ban = (marker: string, size = 1) => ({ ...catalogue['Agent.Ban'].example, Comment: `${marker} `.repeat(size) });

/** One that is alone, a batch, one that its run leaves behind in another input, and a large one. */
async function publishAll(publisher: Publisher, marker: string): Promise<string[]> {
  const ids = ['alone', ...Array.from({ length: 20 }, (_, n) => `batch-${n}`)].map((id) => `${marker}-id-${id}`);
  const receipts: Receipt[] = await Promise.all([
    ...ids.map((id) => publisher.publish('Agent.Ban', ban(marker), { id })),
    publisher.publish('Agent.Ban', ban(marker, 10_000), { id: `${marker}-left-behind` }),
    publisher.publish('Agent.Ban', ban(marker, 60_000), { id: `${marker}-large` }),
  ]);
  expect(receipts.some(({ workflowId }) => workflowId.startsWith('batch/'))).toBe(true);
  return [...new Set(receipts.map(({ workflowId }) => workflowId))];
}

const ended = ({ client }: Running, workflowIds: readonly string[]) =>
  Promise.all(workflowIds.map((id) => client.workflow.getHandle(id).result()));

/** With the keys, histories replay as they are. */
async function replayAll({ client, config }: Running, workflowIds: readonly string[]): Promise<void> {
  const workflowBundle = await findWorkflowBundle(config.WORKFLOW_BUNDLE);
  const store = openLargeEventStore(config.LARGE_EVENTS_DIR ?? '');
  const dataConverter = {
    payloadConverterPath: require.resolve(payloadConverterPath),
    ...treatPayloads({ keys: readPayloadKeys(config), store }),
  };
  for (const id of workflowIds) {
    const history = await client.workflow.getHandle(id).fetchHistory();
    await Worker.runReplayHistory({ workflowBundle, dataConverter }, history);
  }
}

/** How often the text is in the files of Temporal's store, and of the stores of large events. */
async function countInFiles(text: string): Promise<Record<'temporal' | 'large' | 'bucket', number>> {
  const countIn = async (name: string): Promise<number> => {
    const entries = await readdir(join(dir, name), { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile());
    const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')));
    return texts.reduce((count, content) => count + content.split(text).length - 1, 0);
  };
  return { temporal: await countIn('temporal'), large: await countIn('large'), bucket: await countIn('bucket') };
}

it('leaves no data of events in the bytes of either store; ids stay, and without a key the data are there', async () => {
  const sealed = await start({ PAYLOAD_KEY: first });
  await ended(sealed, await publishAll(publisherOf(sealed, first), 'SEALEDMARK'));
  const plain = await start({});
  await ended(plain, await publishAll(publisherOf(plain), 'PLAINMARK'));
  await temporal.stop(); // so that all is in its files
  const [hidden, shown, id] = [
    await countInFiles('SEALEDMARK '),
    await countInFiles('PLAINMARK '),
    await countInFiles('SEALEDMARK-id-alone'),
  ];
  expect(hidden).toEqual({ temporal: 0, large: 0, bucket: 0 });
  expect(shown.temporal).toBeGreaterThan(10);
  expect(shown.large).toBeGreaterThan(10_000);
  expect(id.temporal).toBeGreaterThan(0);
  await temporal.restart();
});

it('takes plain events of publishers of older releases beside encrypted ones, and events of the old key after a rotation, in a bucket of S3 as well', async () => {
  const running = await start({ PAYLOAD_KEY: `${second},${first}`, LARGE_EVENTS_DIR: 's3://events/large' });
  const fromEach = [publisherOf(running), publisherOf(running, first), publisherOf(running, second)];
  const markers = ['PLAIN', 'OLDKEY', 'NEWKEY'];
  const workflowIds = await Promise.all(fromEach.map((publisher, n) => publishAll(publisher, markers[n] ?? '')));
  await ended(running, workflowIds.flat());
  await replayAll(running, workflowIds.flat());
  const { rows } = await running.pool.query(
    "select distinct split_part(data->>'comment', ' ', 1) as marker from event",
  );
  expect(rows.map(({ marker }) => marker).sort()).toEqual(['NEWKEY', 'OLDKEY', 'PLAIN']);
  const inBucket = await Promise.all(markers.map(async (marker) => (await countInFiles(`${marker} `)).bucket > 0));
  expect(inBucket).toEqual([true, false, false]);
});

it('waits for a key that the workers lack, and loses nothing', async () => {
  const lacking = await start({ PAYLOAD_KEY: second });
  const { workflowId } = await publisherOf(lacking, first).publish('Agent.Ban', ban('WAITS'));
  const handle = lacking.client.workflow.getHandle(workflowId);
  await lacking.until(async () => JSON.stringify(await handle.fetchHistory()).includes('Add that key to PAYLOAD_KEY'));
  expect((await handle.describe()).status.name).toBe('RUNNING');
  const { rows } = await lacking.pool.query('select 1 from refused_event');
  expect(rows).toEqual([]);
  await lacking.worker.stop();
  const { DATABASE_URL, TEMPORAL_NAMESPACE } = lacking.config;
  await start({ DATABASE_URL, TEMPORAL_NAMESPACE, PAYLOAD_KEY: `${second},${first}` });
  expect(await handle.result()).toEqual({});
});

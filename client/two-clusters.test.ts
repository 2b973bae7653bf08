import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { catalogue } from '../events/catalogue';
import { freePort } from '../stack/free-port';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { startSilentServer } from '../tests/silent-server';
import { startTcpProxy } from '../stack/tcp-proxy';
import { ensureCluster } from '../workers/ensure-cluster';
import { createPublisher } from './create-publisher';
import { openLargeEventStore } from './large-events';
import type { PublisherOptions, ClusterOptions } from './publisher-options';
import type { Publisher } from './publisher';

const ban = catalogue['Agent.Ban'].example;
const server = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';

/** Two namespaces of one server stand for two clusters; what is between publisher and main can fail. */
let main: FreshNamespace;
let standby: FreshNamespace;
let way: Awaited<ReturnType<typeof startTcpProxy>>;
let closing: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  [main, standby] = await Promise.all([freshNamespace(), freshNamespace()]);
});

afterAll(async () => {
  await Promise.all([main.close(), standby.close()]);
});

beforeEach(async () => {
  way = await startTcpProxy(server);
});

afterEach(async () => {
  await Promise.all(closing.map((one) => one.close()));
  closing = [];
  await way.close();
});

interface Given extends Partial<PublisherOptions> {
  /** Over the way to main. */
  readonly first?: Partial<ClusterOptions>;
}

function openPublisher({ first, ...options }: Given = {}): Publisher {
  const clusters = [
    { name: 'main', address: way.address, namespace: main.namespace, ...first },
    { name: 'standby', address: server, namespace: standby.namespace },
  ];
  const publisher = createPublisher({ clusters, deadlineMs: 25_000, attemptDeadlineMs: 1_000, ...options });
  closing.push(publisher);
  return publisher;
}

let count = 0;
const publish = (publisher: Publisher, id = `two-${++count}`) => publisher.publish('Agent.Ban', ban, { id });
const verdictOf = (publisher: Publisher) => publisher.status().clusters[0]?.verdict;

async function untilBack(publisher: Publisher): Promise<void> {
  while (verdictOf(publisher) !== 'up') await pause(20);
}

test('events go to the first cluster while it is up', async () => {
  const publisher = openPublisher();
  const { acceptedBy, workflowId } = await publish(publisher);
  expect(acceptedBy).toBe('main');
  await main.client.workflow.getHandle(workflowId).describe();
  expect(publisher.status()).toMatchObject({
    clusters: [
      { name: 'main', verdict: 'up', reason: '', accepted: 1 },
      { name: 'standby', verdict: 'up', accepted: 0 },
    ],
    takenOver: 0,
  });
});

test('a cluster that refuses connections costs nothing: the second takes the event under the same key', async () => {
  const publisher = openPublisher({ first: { address: `127.0.0.1:${await freePort()}` } });
  const receipts = await Promise.all([publish(publisher), publish(publisher)]);
  expect(receipts.map(({ acceptedBy }) => acceptedBy)).toEqual(['standby', 'standby']);
  await standby.client.workflow.getHandle(receipts[0]?.workflowId ?? '').describe();
  expect(publisher.status()).toMatchObject({
    clusters: [{ verdict: 'down', reason: expect.stringContaining('No connection'), accepted: 0 }, { accepted: 2 }],
    takenOver: 2,
  });
});

test('a cluster that goes silent is given up after its deadline and a probe, by all that wait, and then at once', async () => {
  const publisher = openPublisher();
  await publish(publisher);
  way.loseAnswers();
  const waiting = Array.from({ length: 8 }, () => publish(publisher));
  expect(new Set((await Promise.all(waiting)).map(({ acceptedBy }) => acceptedBy))).toEqual(new Set(['standby']));
  const began = performance.now();
  expect(await publish(publisher)).toMatchObject({ acceptedBy: 'standby', duplicate: false });
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(publisher.status().clusters[0]).toMatchObject({ verdict: 'down', reason: 'no connection' });
});

test('a start under way when a cluster is given up does not wait for its own deadline', async () => {
  const attemptDeadlineMs = 3_000;
  const publisher = openPublisher({ attemptDeadlineMs });
  await publish(publisher);
  way.loseAnswers();
  const first = publish(publisher);
  await pause(attemptDeadlineMs * 1.5); // the probe has half of its time left
  const began = performance.now();
  expect(await publish(publisher)).toMatchObject({ acceptedBy: 'standby' });
  expect(performance.now() - began).toBeLessThan(attemptDeadlineMs * 0.9);
  expect(await first).toMatchObject({ acceptedBy: 'standby' });
});

test('the first is preferred again when it is back', async () => {
  const publisher = openPublisher();
  await publish(publisher);
  way.loseAnswers();
  expect(await publish(publisher)).toMatchObject({ acceptedBy: 'standby' });
  way.cut();
  await untilBack(publisher);
  expect(await publish(publisher)).toMatchObject({ acceptedBy: 'main' });
});

test('a cluster that is late is waited for, on a connection that answers: the second gets nothing', async () => {
  const publisher = openPublisher({ attemptDeadlineMs: 500 });
  await publish(publisher);
  way.hold();
  expect(await publish(publisher)).toMatchObject({ acceptedBy: 'main', duplicate: false });
  expect(publisher.status().clusters).toMatchObject([{ accepted: 2 }, { accepted: 0 }]);
  way.thaw();
});

test('an event that was accepted without an answer goes to the second, and is no duplicate', async () => {
  const publisher = openPublisher();
  await publish(publisher);
  way.loseAnswers();
  const { workflowId, ...receipt } = await publish(publisher);
  expect(receipt).toMatchObject({ acceptedBy: 'standby', duplicate: false });
  for (const { client } of [main, standby]) await client.workflow.getHandle(workflowId).describe();
});

test('a cluster that is not ready counts as down, is told apart, and is taken when workers have made it ready', async () => {
  const namespace = `chat-events-${randomUUID().slice(0, 8)}`;
  const publisher = openPublisher({ first: { namespace } });
  expect(await publish(publisher)).toMatchObject({ acceptedBy: 'standby' });
  expect(publisher.status().clusters[0]).toMatchObject({
    verdict: 'not ready',
    reason: expect.stringContaining(namespace),
  });
  const connection = await NativeConnection.connect({ address: server });
  const config = { TEMPORAL_RETENTION_HOURS: 24, SWEEP_EVERY_SECONDS: 3_600 };
  const isMade = () =>
    ensureCluster(connection, { name: 'main', namespace }, config).then(
      () => true,
      () => false,
    );
  while (!(await isMade())) await pause(100);
  await connection.close();
  await untilBack(publisher);
  expect(await publish(publisher)).toMatchObject({ acceptedBy: 'main' });
});

test('a large event goes to the second cluster, too, from the folder that both have', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'large-'));
  await openLargeEventStore(dir).prepare();
  const publisher = openPublisher({ first: { address: `127.0.0.1:${await freePort()}` }, largeEvents: { dir } });
  const large = { ...ban, Comment: 'x'.repeat(3 * 1024 ** 2) };
  const { acceptedBy, workflowId } = await publisher.publish('Agent.Ban', large, { id: 'large' });
  expect(acceptedBy).toBe('standby');
  expect(await standby.client.workflow.getHandle(workflowId).describe()).toMatchObject({
    taskQueue: 'chat-events.large',
  });
  rmSync(dir, { recursive: true });
});

test('with both down an event fails within its deadline, and the error says how each is', async () => {
  const silent = await startSilentServer();
  const clusters = [
    { name: 'main', address: `127.0.0.1:${await freePort()}` },
    { name: 'standby', address: silent.address },
  ];
  const publisher = createPublisher({ clusters, deadlineMs: 1_500, attemptDeadlineMs: 300 });
  closing.push(publisher, silent);
  await expect(publish(publisher, 'both')).rejects.toMatchObject({
    name: 'ClusterUnavailable',
    cluster: 'main',
    mayBeAccepted: false,
    message: expect.stringMatching(
      /^Neither cluster accepted .* \(main: .*ECONNREFUSED.*; standby: no connection\)\. Neither has accepted it: /,
    ),
  });
});

test('with neither ready an event is refused at once, with what to do', async () => {
  const clusters = ['main', 'standby'].map((name) => ({ name, address: server, namespace: `no-such-${name}` }));
  const publisher = createPublisher({ clusters });
  closing.push(publisher);
  await expect(publish(publisher)).rejects.toMatchObject({
    name: 'ClusterRefused',
    cluster: 'main',
    message: expect.stringContaining('start a worker, which makes it'),
  });
});

import { catalogue } from '../events/catalogue';
import { freePort } from '../stack/free-port';
import { startTemporal, type Temporal } from '../stack/start-temporal';
import { freshNamespace } from '../tests/fresh-namespace';
import { startSilentServer } from '../tests/silent-server';
import { startTcpProxy } from '../stack/tcp-proxy';
import { createPublisher } from './create-publisher';
import { ClusterUnavailable, PublisherBusy } from './errors';
import type { PublisherOptions } from './publisher-options';
import type { Publisher } from './publisher';

/** Deadline of 1 s, and what a busy machine adds. */
const WITHIN_MS = 4_000;

const ban = catalogue['Agent.Ban'].example;

let closing: (() => Promise<void>)[] = [];

/** Closed after the test, last first, also when it fails. */
function closeLater<T extends { close(): Promise<void> }>(resource: T): T {
  closing.unshift(() => resource.close());
  return resource;
}

afterEach(async () => {
  const closers = closing;
  closing = [];
  for (const close of closers) await close();
});

function publisherTo(address: string, options: Partial<PublisherOptions> = {}, namespace = 'chat-events'): Publisher {
  return closeLater(createPublisher({ clusters: [{ name: 'main', address, namespace }], ...options }));
}

/** The error of a publish, and after how many milliseconds it came. */
async function failure(publishing: Promise<unknown>): Promise<{ error: unknown; after: number }> {
  const started = performance.now();
  const error = await publishing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, after: performance.now() - started };
}

function signal({ pid }: Temporal, name: 'SIGSTOP' | 'SIGCONT'): void {
  if (pid === undefined) throw new Error('not a server of this test');
  process.kill(pid, name);
}

test('a publisher connects to nothing before the first event', async () => {
  const silent = closeLater(await startSilentServer());
  await publisherTo(silent.address).close();
  expect(silent.connections).toBe(0);
});

test('where no server listens, a publish fails at once: the event was not accepted', async () => {
  const publisher = publisherTo(`127.0.0.1:${await freePort()}`, { deadlineMs: 3_600_000 });
  const { error } = await failure(publisher.publish('Agent.Ban', ban, { id: 'a' }));
  expect(error).toBeInstanceOf(ClusterUnavailable);
  expect(error).toMatchObject({
    cluster: 'main',
    mayBeAccepted: false,
    id: 'a',
    key: 'Agent.Ban/10001/a',
    message: expect.stringContaining('ECONNREFUSED'),
    cause: expect.any(Error),
  });
  expect(String(error)).not.toContain('within');
});

test('a server that accepts connections and never answers gives a typed error within the deadline', async () => {
  const silent = closeLater(await startSilentServer());
  const publisher = publisherTo(silent.address, { deadlineMs: 1_000, attemptDeadlineMs: 300 });
  const { error, after } = await failure(publisher.publish('Agent.Ban', ban));
  expect(error).toMatchObject({ name: 'ClusterUnavailable', mayBeAccepted: false });
  expect(after).toBeLessThan(WITHIN_MS);
});

test('close ends within the deadline while a server hangs, and calls of publish fail', async () => {
  const silent = closeLater(await startSilentServer());
  const publisher = publisherTo(silent.address, { deadlineMs: 1_000, maxInFlight: 1 });
  const publishes = Promise.allSettled([1, 2, 3].map((n) => publisher.publish('Agent.Ban', ban, { id: `${n}` })));
  const { after } = await failure(publisher.close());
  expect(after).toBeLessThan(WITHIN_MS);
  for (const result of await publishes)
    expect(result).toMatchObject({ reason: { name: 'ClusterUnavailable', mayBeAccepted: false } });
});

test('while a server hangs, the publisher holds what it may and refuses the rest at once', async () => {
  const silent = closeLater(await startSilentServer());
  const limits = { deadlineMs: 1_000, maxWaiting: 20 };
  const publisher = publisherTo(silent.address, limits);
  const publishes = Array.from({ length: 1_000 }, (_, n) =>
    failure(publisher.publish('Agent.Ban', ban, { id: `${n}` })),
  );
  const failures = await Promise.all(publishes);
  const busy = failures.filter(({ error }) => error instanceof PublisherBusy);
  expect(busy).toHaveLength(980);
  expect(failures.filter(({ error }) => error instanceof ClusterUnavailable)).toHaveLength(20);
  expect(busy[0]?.error).toMatchObject({ id: '20', message: expect.stringContaining('maxWaiting') });
});

test('each event of a batch fails by its own deadline, and says that it may be accepted', async () => {
  const temporal = closeLater(await freshNamespace());
  const proxy = closeLater(await startTcpProxy(process.env['TEST_TEMPORAL_ADDRESS'] ?? ''));
  const options = { deadlineMs: 3_000, attemptDeadlineMs: 1_000, maxInFlight: 1 };
  const publisher = publisherTo(proxy.address, options, temporal.namespace);
  await publisher.publish('Agent.Ban', ban, { id: 'connected' });
  proxy.loseAnswers();
  const alone = failure(publisher.publish('Agent.Ban', ban, { id: 'alone' }));
  const run = temporal.client.workflow.getHandle('Agent.Ban/10001/alone');
  while (!(await run.describe().catch(() => undefined)));
  const together = ['a', 'b'].map((id) => failure(publisher.publish('Agent.Ban', ban, { id })));
  for (const { error, after } of await Promise.all([alone, ...together])) {
    expect(error).toBeInstanceOf(ClusterUnavailable);
    expect(after).toBeLessThan(2_000 + WITHIN_MS);
  }
});

test('a start whose answer was lost is tried again and is no duplicate', async () => {
  const temporal = closeLater(await freshNamespace());
  const proxy = closeLater(await startTcpProxy(process.env['TEST_TEMPORAL_ADDRESS'] ?? ''));
  const publisher = publisherTo(proxy.address, { attemptDeadlineMs: 500 }, temporal.namespace);
  await publisher.publish('Agent.Ban', ban, { id: 'connected' });
  proxy.loseAnswers();
  const publishing = publisher.publish('Agent.Ban', ban, { id: 'lost' });
  const run = temporal.client.workflow.getHandle('Agent.Ban/10001/lost');
  while (!(await run.describe().catch(() => undefined)));
  proxy.cut();
  expect(await publishing).toMatchObject({ id: 'lost', duplicate: false });
  expect(await publisher.publish('Agent.Ban', ban, { id: 'lost' })).toMatchObject({ duplicate: true });
});

test('a start whose answer is lost until the deadline may be accepted, and the error says so', async () => {
  const temporal = closeLater(await freshNamespace());
  const proxy = closeLater(await startTcpProxy(process.env['TEST_TEMPORAL_ADDRESS'] ?? ''));
  const publisher = publisherTo(proxy.address, { deadlineMs: 1_000, attemptDeadlineMs: 300 }, temporal.namespace);
  await publisher.publish('Agent.Ban', ban, { id: 'connected' });
  proxy.loseAnswers();
  const { error } = await failure(publisher.publish('Agent.Ban', ban, { id: 'lost' }));
  expect(error).toMatchObject({
    name: 'ClusterUnavailable',
    mayBeAccepted: true,
    message: expect.stringContaining('It may have accepted it without an answer: publish it again with id "lost".'),
  });
  await temporal.client.workflow.getHandle('Agent.Ban/10001/lost').describe();
});

describe('with a Temporal server of its own', () => {
  test('a stopped server fails a publish in time; a killed one that returns gets the events that were published meanwhile', async () => {
    const server = await startTemporal();
    closeLater({ close: () => server.stop() });
    const temporal = closeLater(await freshNamespace(server.address));
    const brief = publisherTo(server.address, { deadlineMs: 1_000, attemptDeadlineMs: 400 }, temporal.namespace);
    const patient = publisherTo(server.address, { deadlineMs: 25_000 }, temporal.namespace);
    await Promise.all([brief, patient].map((publisher) => publisher.publish('Agent.Ban', ban)));

    signal(server, 'SIGSTOP');
    const stopped = await failure(brief.publish('Agent.Ban', ban));
    expect(stopped.error).toMatchObject({ name: 'ClusterUnavailable', mayBeAccepted: true });
    expect(stopped.after).toBeLessThan(WITHIN_MS);
    const closing = await failure(brief.close());
    expect(closing.after).toBeLessThan(WITHIN_MS);
    signal(server, 'SIGCONT');

    const before = Array.from({ length: 20 }, () => patient.publish('Agent.Ban', ban));
    await server.kill();
    const after = Array.from({ length: 20 }, () => patient.publish('Agent.Ban', ban));
    await server.restart();
    const receipts = await Promise.all([...before, ...after]);
    expect(receipts.every(({ duplicate }) => !duplicate)).toBe(true);
    for (const { workflowId } of receipts) await temporal.client.workflow.getHandle(workflowId).describe();
  }, 60_000);
});

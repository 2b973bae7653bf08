import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { catalogue } from '../events/catalogue';
import { startTcpProxy } from '../stack/tcp-proxy';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { createPublisher } from './create-publisher';
import { Installation } from './installation';
import { openCluster } from './open-cluster';
import type { ClusterOptions, PublisherOptions } from './publisher-options';
import type { Publisher } from './publisher';

const server = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
const [ours, theirs] = [randomUUID(), randomUUID()];

/** Two namespaces of one server stand for two clusters. */
let main: FreshNamespace;
let standby: FreshNamespace;
let way: Awaited<ReturnType<typeof startTcpProxy>>;
let closing: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  [main, standby, way] = await Promise.all([freshNamespace(), freshNamespace(), startTcpProxy(server)]);
});

afterEach(async () => {
  await Promise.all(closing.map((one) => one.close()));
  closing = [];
});

afterAll(async () => {
  await Promise.all([main.close(), standby.close(), way.close()]);
});

interface Given extends Partial<PublisherOptions> {
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

const publish = (publisher: Publisher) =>
  publisher.publish('Agent.Ban', catalogue['Agent.Ban'].example, { id: randomUUID() });

/** Says in a namespace to which installation it belongs, as a worker does. */
async function own({ client, namespace }: FreshNamespace, id: string): Promise<void> {
  const updateInfo = { data: { 'chat-events.installation': id } };
  await client.workflowService.updateNamespace({ namespace, updateInfo });
}

test('a cluster of another installation than the option gets nothing, and the error says what to do', async () => {
  await Promise.all([own(main, theirs), own(standby, ours)]);
  const publisher = openPublisher({ installation: ours });
  const { acceptedBy, workflowId } = await publish(publisher);
  expect(acceptedBy).toBe('standby');
  await expect(main.client.workflow.getHandle(workflowId).describe()).rejects.toThrow('not found');
  const reason = `it belongs to the installation ${theirs}, and this publisher to ${ours}`;
  while (publisher.status().clusters[0]?.reason !== reason) await pause(20); // a slow probe may have no answer once
  expect(publisher.status()).toMatchObject({ installation: ours, clusters: [{ verdict: 'not ready' }, {}] });
  const [first] = [{ name: 'main', address: server, namespace: main.namespace }];
  const alone = createPublisher({ clusters: [first], installation: ours });
  closing.push(alone);
  await expect(publish(alone)).rejects.toMatchObject({
    name: 'ClusterRefused',
    message: expect.stringContaining(`${reason}). Correct its address or namespace. If`),
  });
});

test('the first cluster that answers decides, and each new connection is asked again', async () => {
  await Promise.all([own(main, ours), own(standby, ours)]);
  const publisher = openPublisher();
  expect(await publish(publisher)).toMatchObject({ acceptedBy: 'main' });
  await own(main, theirs); // a stranger's server has its address now
  way.cut();
  const { workflowId, acceptedBy } = await publish(publisher);
  expect(acceptedBy).toBe('standby');
  await expect(main.client.workflow.getHandle(workflowId).describe()).rejects.toThrow('not found');
  await own(main, ours);
  while (publisher.status().clusters[0]?.verdict !== 'up') await pause(20);
  expect(await publish(publisher)).toMatchObject({ acceptedBy: 'main' });
});

test('a start whose deadline is over before the cluster tells its installation ends no other start', async () => {
  await own(main, ours);
  const where = { name: 'main', address: way.address, namespace: main.namespace };
  const cluster = openCluster(where, { installation: new Installation(ours) });
  closing.push(cluster);
  await cluster.client.connection.ensureConnected?.();
  way.freeze();
  const check = (ms: number) => cluster.client.withDeadline(Date.now() + ms, () => cluster.checkInstallation());
  const [short, long] = [check(200), check(20_000)];
  await expect(short).rejects.toThrow('DEADLINE_EXCEEDED');
  way.thaw();
  await long;
});

test('the journal remembers the installation: its next publisher waits for a cluster of it', async () => {
  await Promise.all([own(main, ours), own(standby, ours)]);
  const dir = mkdtempSync(join(tmpdir(), 'journal-'));
  const before = openPublisher({ journal: { dir } });
  await publish(before);
  while (before.status().journal?.unstarted !== 0) await pause(20);
  await before.close();
  expect(readFileSync(join(dir, 'installation'), 'utf8')).toBe(ours);
  await Promise.all([own(main, theirs), own(standby, theirs)]);
  const after = openPublisher({ journal: { dir }, deadlineMs: 5_000 });
  const { key } = await publish(after);
  while (after.status().clusters.some(({ verdict }) => verdict !== 'not ready')) await pause(20);
  expect(after.status().clusters[0]?.reason).toContain(`, as the journal in ${dir} has it`);
  for (const { client } of [main, standby]) {
    await expect(client.workflow.getHandle(key).describe()).rejects.toThrow('not found');
  }
  await after.close();
  expect(() => openPublisher({ journal: { dir }, installation: theirs })).toThrow(
    `the journal in ${dir} belongs to the installation ${ours}`,
  );
  rmSync(dir, { recursive: true });
});

test('a cluster without an id, as an earlier version has left it, is taken as it is', async () => {
  const bare = await freshNamespace();
  const publisher = openPublisher({ installation: ours, first: { address: server, namespace: bare.namespace } });
  expect(await publish(publisher)).toMatchObject({ acceptedBy: 'main' });
  await bare.close();
});

import { randomUUID } from 'node:crypto';
import { freshNamespace, type FreshNamespace } from '../../tests/fresh-namespace';
import { WORKFLOW_TYPE } from '../../protocol/constants';
import { Clusters } from '../clusters';
import type { Cluster } from '../cluster';
import { prepareEvent, type PreparedEvent } from '../prepare-event';
import { startOptions } from '../start-options';
import { createEntry, type Entry } from './entry';
import type { Place } from './segment';
import { TakeOver } from './take-over';

/** Two namespaces of one server stand for two clusters. */
let spaces: FreshNamespace[];
let clusters: Clusters;
let main: Cluster;
let standby: Cluster;
const events = new Map<string, PreparedEvent>();
const lost = new Set<Cluster>();
/** Keys of events whose file cannot be read. */
const unreadable = new Set<string>();
let takeOver: TakeOver;

beforeAll(async () => {
  spaces = await Promise.all([freshNamespace(), freshNamespace()]);
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  clusters = new Clusters({
    clusters: ['main', 'standby'].map((name, n) => ({ name, address, namespace: spaces[n]?.namespace ?? '' })),
    probeDeadlineMs: 10_000,
    takeoverAfterMs: 60_000,
  });
  [main, standby] = clusters.all as [Cluster, Cluster]; // of the two above
});

afterAll(async () => {
  await clusters.close();
  await Promise.all(spaces.map((space) => space.close()));
});

beforeEach(() => {
  lost.clear();
  unreadable.clear();
  clusters.takenOver = 0;
  takeOver = new TakeOver({
    clusters,
    questions: { isLost: (cluster) => lost.has(cluster) },
    read: async (entries) => {
      if (entries.some(({ key }) => unreadable.has(key))) throw new Error('EIO: i/o error, read');
      return entries.map(({ key }) => events.get(key) as PreparedEvent); // each entry has one
    },
    deadlineMs: 10_000,
  });
});

/** Events that were started together on a cluster, long ago. */
async function started(on: Cluster, count: number): Promise<{ entries: Entry[]; workflowId: string }> {
  const all = Array.from({ length: count }, () =>
    prepareEvent('Agent.Ban', { SiteId: 1, AgentId: 5, BanType: 0, IpFromOrVisitorId: 9 }, { id: randomUUID() }),
  );
  const options = startOptions(on.connection, all);
  await on.connection.client.start(WORKFLOW_TYPE, options);
  const { workflowId } = options;
  const entries = all.map((event) => {
    events.set(event.key, event);
    const entry = createEntry({ publishedAt: 0, event }, {} as Place); // no test looks at it
    return Object.assign(entry, { workflowId, startedOn: on, startedAt: -Infinity });
  });
  return { entries, workflowId };
}

const runOf = (at: Cluster, workflowId: string) => at.connection.client.getHandle(workflowId);
const isThere = (at: Cluster, workflowId: string) =>
  runOf(at, workflowId)
    .describe()
    .then(
      ({ status }) => status.name === 'RUNNING',
      () => false,
    );

test('what may still be recorded where it was started is left to it', async () => {
  const { entries, workflowId } = await started(main, 3);
  await takeOver.startAgain(entries, standby);
  expect(await isThere(standby, workflowId)).toBe(false);
  expect(clusters.takenOver).toBe(0);
  expect(entries[0]?.startedAt).toBeGreaterThan(0);
});

test('entries that were started on a lost cluster are started on the one that answers: together, if they were together', async () => {
  const [batch, single] = [await started(main, 3), await started(main, 1)];
  lost.add(main);
  await takeOver.startAgain([...batch.entries, ...single.entries], standby);
  expect(await Promise.all([batch, single].map(({ workflowId }) => isThere(standby, workflowId)))).toEqual([
    true,
    true,
  ]);
  expect(clusters.takenOver).toBe(4);
  expect(new Set(batch.entries.map(({ startedOn }) => startedOn))).toEqual(new Set([standby]));
});

test('what came to nothing a second time goes alone, each in a workflow of its key', async () => {
  const { entries } = await started(main, 2);
  lost.add(main);
  await takeOver.startAgain(entries, standby);
  await runOf(standby, entries[0]?.workflowId ?? '').terminate();
  await takeOver.startAgain(entries, standby);
  expect(await Promise.all(entries.map(({ key }) => isThere(standby, key)))).toEqual([true, true]);
});

test('a cluster that is down may come back with what it has, until it is lost: that is looked at again at once', async () => {
  const { entries, workflowId } = await started(main, 1);
  const down = Object.assign(Object.create(main) as Cluster, { health: { isUsable: false } });
  for (const entry of entries) entry.startedOn = down;
  await takeOver.startAgain(entries, standby);
  expect(await isThere(standby, workflowId)).toBe(false);
  expect(entries[0]?.startedAt).toBe(-Infinity);
  lost.add(down);
  await takeOver.startAgain(entries, standby);
  expect(await isThere(standby, workflowId)).toBe(true);
});

test('of what an earlier process has started, every cluster is asked', async () => {
  const [open, closed] = [await started(standby, 2), await started(standby, 2)];
  await runOf(standby, closed.workflowId).terminate();
  for (const entry of [...open.entries, ...closed.entries]) entry.startedOn = undefined;
  await takeOver.startAgain([...open.entries, ...closed.entries], main);
  expect(await isThere(main, open.workflowId)).toBe(false);
  expect(await isThere(main, closed.workflowId)).toBe(true);
});

test('an entry that cannot be read holds up neither those behind it, nor for long those that it was started with', async () => {
  const [batch, single] = [await started(main, 3), await started(main, 1)];
  lost.add(main);
  unreadable.add(batch.entries[0]?.key ?? '');
  const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  await takeOver.startAgain([...batch.entries, ...single.entries], standby);
  expect(await isThere(standby, single.workflowId)).toBe(true);
  expect(batch.entries.map(({ startedAt = 0 }) => startedAt > 0)).toEqual([true, true, true]);
  await takeOver.startAgain(batch.entries, standby);
  expect(await Promise.all(batch.entries.map(({ key }) => isThere(standby, key)))).toEqual([false, true, true]);
  expect(warning.mock.calls.map(([message]) => message)).toEqual([
    'In the journal, events wait that cannot be started again: EIO: i/o error, read',
  ]);
  warning.mockRestore();
});

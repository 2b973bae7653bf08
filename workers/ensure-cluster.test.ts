import { Client, type ScheduleDescription, type ScheduleHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { freshNamespace } from '../tests/fresh-namespace';
import { ensureCluster, isComplete, WrongCluster } from './ensure-cluster';

let connection: NativeConnection;

beforeAll(async () => {
  connection = await NativeConnection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
});

afterAll(() => connection.close());

const newCluster = () => ({ name: 'main', namespace: `chat-${randomUUID()}` });
const config = { TEMPORAL_RETENTION_HOURS: 48, SWEEP_EVERY_SECONDS: 3600 };

/** As the worker does: a new namespace takes a moment until every part of the server knows it. */
async function ensureAtLast(cluster: ReturnType<typeof newCluster>): Promise<void> {
  for (;;) {
    const made = await ensureCluster(connection, cluster, config).then(
      () => true,
      (error: unknown) => {
        if (error instanceof WrongCluster) throw error;
        return false;
      },
    );
    if (made) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

it('makes namespace, search attributes and schedule, and changes nothing when they are there', async () => {
  const cluster = newCluster();
  const { namespace } = cluster;
  await ensureAtLast(cluster);
  await ensureCluster(connection, cluster, config);
  const described = await connection.workflowService.describeNamespace({ namespace });
  expect(Number(described.config?.workflowExecutionRetentionTtl?.seconds)).toBe(48 * 3600);
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(['SiteId', 'EventType', 'ParkedQueues']));
  const schedule = new Client({ connection, namespace }).schedule.getHandle('sweep');
  const timeout = async () =>
    ((await schedule.describe()).action as { workflowExecutionTimeout?: number }).workflowExecutionTimeout;
  expect(await timeout()).toBe(120_000);
  expect((await schedule.describe()).spec.intervals).toEqual([expect.objectContaining({ every: 3_600_000 })]);
  await ensureCluster(connection, cluster, { ...config, SWEEP_EVERY_SECONDS: 1800 });
  expect((await schedule.describe()).spec.intervals).toEqual([expect.objectContaining({ every: 1_800_000 })]);
});

type Updated = Parameters<Parameters<ScheduleHandle['update']>[0]>[0];

/** As an earlier version made it. */
function without(name: 'workflowExecutionTimeout' | 'priority') {
  return ({ action, ...rest }: Updated): Updated => {
    const { [name]: _, ...before } = action;
    return { ...rest, action: before };
  };
}

it.each<[what: string, before: (schedule: Updated) => Updated]>([
  ['no time-out', without('workflowExecutionTimeout')],
  ['no priority', without('priority')],
  ['another task queue', ({ action, ...rest }) => ({ ...rest, action: { ...action, taskQueue: 'other' } })],
  ['another policy', (schedule) => ({ ...schedule, policies: { ...schedule.policies, overlap: 'ALLOW_ALL' } })],
  [
    'one more interval',
    ({ spec, ...rest }) => ({
      ...rest,
      spec: { intervals: [...(spec.intervals ?? []), { every: 60_000, offset: 0 }] },
    }),
  ],
])('gives a schedule that has %s the specification of this version, and leaves it paused', async (_, before) => {
  const cluster = newCluster();
  await ensureAtLast(cluster);
  const schedule = new Client({ connection, namespace: cluster.namespace }).schedule.getHandle('sweep');
  const wanted = specificationOf(await schedule.describe());
  await schedule.pause('by hand');
  await schedule.update(before);
  expect(specificationOf(await schedule.describe())).not.toEqual(wanted);
  await ensureCluster(connection, cluster, config);
  const { state, ...described } = await schedule.describe();
  expect(specificationOf(described)).toEqual(wanted);
  expect(state).toMatchObject({ paused: true, note: 'by hand' });
});

const specificationOf = ({ spec, policies, action }: Pick<ScheduleDescription, 'spec' | 'policies' | 'action'>) => ({
  spec,
  policies,
  action,
});

it('lets the sweep go before the events that wait, and leaves a schedule alone that says so', async () => {
  const cluster = newCluster();
  await ensureAtLast(cluster);
  const client = new Client({ connection, namespace: cluster.namespace });
  const schedule = client.schedule.getHandle('sweep');
  await schedule.trigger();
  let started = (await schedule.describe()).info.recentActions[0];
  while (started === undefined) started = (await schedule.describe()).info.recentActions[0];
  const run = await client.workflow.getHandle(started.action.workflow.workflowId).describe();
  expect(run.priority).toMatchObject({ priorityKey: 1 });
  const { conflictToken: before } = (await schedule.describe()).raw;
  await ensureCluster(connection, cluster, config);
  expect((await schedule.describe()).raw.conflictToken).toEqual(before);
});

it('makes one of each when several workers start at the same moment', async () => {
  const cluster = newCluster();
  await Promise.all([1, 2, 3].map(() => ensureAtLast(cluster)));
});

it('stops a process that was given the address of another cluster', async () => {
  const cluster = newCluster();
  await ensureAtLast(cluster);
  const mistaken = ensureCluster(connection, { ...cluster, name: 'standby' }, config);
  await expect(mistaken).rejects.toThrow(WrongCluster);
  await expect(mistaken).rejects.toThrow(/belongs to the cluster "main".*Correct the address, or the name/);
  await expect(isComplete(connection, { ...cluster, name: 'standby' })).rejects.toThrow(WrongCluster);
});

it('tells a cluster that has lost what it was given', async () => {
  const cluster = newCluster();
  expect(await isComplete(connection, cluster)).toBe(false);
  await ensureAtLast(cluster);
  expect(await isComplete(connection, cluster)).toBe(true);
  const bare = newCluster();
  const workflowExecutionRetentionPeriod = { seconds: 86_400 } as never; // the wire type is a Long; a number will do
  await connection.workflowService.registerNamespace({ namespace: bare.namespace, workflowExecutionRetentionPeriod });
  const isBareComplete = () => isComplete(connection, bare).catch(() => 'not known to all of the server yet');
  let complete = await isBareComplete();
  while (typeof complete === 'string') complete = await isBareComplete();
  expect(complete).toBe(false);
});

it('goes on without the name where it may not change the namespace', async () => {
  const bare = await freshNamespace();
  const cluster = { ...newCluster(), namespace: bare.namespace };
  const denied = Object.assign(new Error('Request unauthorized.'), { code: 7, details: '', metadata: {} });
  const updateNamespace = { value: () => Promise.reject(denied) };
  // Our server asks nobody for rights; the rest of it is asked.
  const restricted: NativeConnection = Object.create(connection, {
    workflowService: { value: Object.create(connection.workflowService, { updateNamespace }) },
  });
  await ensureCluster(restricted, cluster, config);
  expect(await isComplete(restricted, cluster)).toBe(true);
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: bare.namespace });
  expect(namespaceInfo?.data).toEqual({});
  await bare.close();
});

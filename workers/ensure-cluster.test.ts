import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { ensureCluster, WrongCluster } from './ensure-cluster';

let connection: NativeConnection;

beforeAll(async () => {
  connection = await NativeConnection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
});

afterAll(() => connection.close());

const newConfig = () => ({
  TEMPORAL_NAMESPACE: `chat-${randomUUID()}`,
  TEMPORAL_CLUSTER_NAME: 'main',
  TEMPORAL_RETENTION_HOURS: 48,
  SWEEP_EVERY_SECONDS: 3600,
});

/** As the worker does: a new namespace takes a moment until every part of the server knows it. */
async function ensureAtLast(config: ReturnType<typeof newConfig>): Promise<void> {
  for (;;) {
    const made = await ensureCluster(connection, config).then(
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
  const config = newConfig();
  const namespace = config.TEMPORAL_NAMESPACE;
  await ensureAtLast(config);
  await ensureCluster(connection, config);
  const described = await connection.workflowService.describeNamespace({ namespace });
  expect(Number(described.config?.workflowExecutionRetentionTtl?.seconds)).toBe(48 * 3600);
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(['SiteId', 'EventType', 'ParkedQueues']));
  const schedule = new Client({ connection, namespace }).schedule.getHandle('sweep');
  const timeout = async () =>
    ((await schedule.describe()).action as { workflowExecutionTimeout?: number }).workflowExecutionTimeout;
  expect(await timeout()).toBe(120_000);
  expect((await schedule.describe()).spec.intervals).toEqual([expect.objectContaining({ every: 3_600_000 })]);
  await ensureCluster(connection, { ...config, SWEEP_EVERY_SECONDS: 1800 });
  expect((await schedule.describe()).spec.intervals).toEqual([expect.objectContaining({ every: 1_800_000 })]);
  // As an earlier version made it.
  await schedule.update(({ action, ...rest }) => {
    const { workflowExecutionTimeout: _, ...before } = action;
    return { ...rest, action: before };
  });
  expect(await timeout()).not.toBe(120_000);
  await ensureCluster(connection, { ...config, SWEEP_EVERY_SECONDS: 1800 });
  expect(await timeout()).toBe(120_000);
});

it('makes one of each when several workers start at the same moment', async () => {
  const config = newConfig();
  await Promise.all([1, 2, 3].map(() => ensureAtLast(config)));
});

it('stops a process that was given the address of another cluster', async () => {
  const config = newConfig();
  await ensureAtLast(config);
  const mistaken = ensureCluster(connection, { ...config, TEMPORAL_CLUSTER_NAME: 'standby' });
  await expect(mistaken).rejects.toThrow(WrongCluster);
  await expect(mistaken).rejects.toThrow(/belongs to the cluster "main".*Correct the address or the name/);
});

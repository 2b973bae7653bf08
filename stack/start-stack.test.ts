import { Client } from 'pg';
import { relations } from '../activities/consumers/relations';
import { grpcHealth } from './grpc-health';
import { startStack } from './start-stack';

test('gives a migrated database with the relations and a Temporal that serves, and stops both', async () => {
  const stack = await startStack({ availableConsumers: ['persistence'] });
  const client = new Client({ connectionString: stack.postgres.url });
  try {
    await client.connect();
    const { rows } = await client.query(
      'select state, count(*)::int as count from subscription group by state order by state',
    );
    expect(rows).toEqual([
      { state: 'active', count: relations.length - stack.paused.length },
      { state: 'paused', count: stack.paused.length },
    ]);
    expect(stack.applied).not.toEqual([]);
    expect(await grpcHealth(stack.temporal.address, 2_000)).toBe(true);
  } finally {
    await client.end();
    await stack.stop();
  }
  expect(await grpcHealth(stack.temporal.address, 2_000)).toBe(false);
});

test('starts a second cluster of its own where one is wanted', async () => {
  const stack = await startStack({ availableConsumers: [], withStandby: true });
  const standby = stack.standby?.address ?? '';
  expect(standby).not.toBe(stack.temporal.address);
  expect(await grpcHealth(standby, 2_000)).toBe(true);
  await stack.stop();
  expect(await grpcHealth(standby, 2_000)).toBe(false);
});

test('throws why a part did not start', async () => {
  const databaseUrl = 'postgres://nobody@127.0.0.1:1/none';
  await expect(startStack({ databaseUrl, availableConsumers: [] })).rejects.toThrow(/ECONNREFUSED|connect/);
});

import { Client, Connection } from '@temporalio/client';
import { DeliveryFailure } from '../../activities/failures';
import { reportReach } from '../../db/cluster-reach';
import { onPool } from '../../db/tx';
import { startTemporal, type Temporal } from '../../stack/start-temporal';
import { ban, keyOf, runScripted, type ScriptedRun } from '../scripted-run';

const TAKEOVER_AFTER_SECONDS = 3;

let main: Temporal;
let standby: Temporal;
let running: ScriptedRun;
let onStandby: Client;

beforeAll(async () => {
  [main, standby] = await Promise.all([startTemporal(), startTemporal()]);
  running = await runScripted({
    TEMPORAL_ADDRESS: main.address,
    TEMPORAL_STANDBY_ADDRESS: standby.address,
    TAKEOVER_AFTER_SECONDS: String(TAKEOVER_AFTER_SECONDS),
    OVERDUE_AFTER_SECONDS: '600', // so that nothing but main's end makes the sweep act
  });
  await running.until(async () => Object.values(running.worker.readiness().clusters).every(({ ready }) => ready));
  const connection = await Connection.connect({ address: standby.address });
  onStandby = new Client({ connection, namespace: running.config.TEMPORAL_NAMESPACE });
  // Site 3 has an endpoint, too, and its subscription is paused.
  await running.pool.query(`insert into connection (id, site_id, consumer, name, config, event_types)
    values ('00000000-0000-0000-0000-000000000003', '3', 'webhook', 'endpoint', '{}', '{}')`);
  await running.pool.query(
    `insert into subscription values ('Agent.Ban.Webhook', '3', 'Agent.Ban', 'webhook', 'paused')`,
  );
}, 120_000);

afterAll(async () => {
  await onStandby.connection.close();
  await running.stop();
  await Promise.all([main.stop(), standby.stop()]);
}, 60_000);

/** How the deliveries of an event stand, each as "state at cluster". */
const standing = async (key: string) =>
  Object.values(await running.deliveries(key))
    .map((row) => [row['failure_type'] === 'Paused' ? 'paused' : row['state'], row['owner_cluster']].join(' '))
    .sort();
const untilStanding = (key: string, ...expected: string[]) =>
  running.until(async () => (await standing(key)).join() === expected.join());

const isOpenAt = async ({ workflow }: Client, workflowId: string) =>
  (
    await workflow
      .getHandle(workflowId)
      .describe()
      .catch(() => undefined)
  )?.status.name === 'RUNNING';

it('finishes on standby what main began once no worker reaches main; when main is back, main’s runs end, and nothing is done twice', async () => {
  const { faults, sent } = running.scripted;
  const many = (failure: DeliveryFailure) => Array.from({ length: 1_000 }, () => failure);
  for (const id of ['retried', 'beside']) {
    faults.set(id, many(new DeliveryFailure('Unavailable', 'down', { retryAfterMs: 500 })));
  }
  faults.set('parked', many(new DeliveryFailure('Rejected', 'no')));
  const [retried, beside, parked, paused] = [
    keyOf('retried', 2),
    keyOf('beside', 2),
    keyOf('parked', 2),
    keyOf('paused', 3),
  ];
  await running.start(ban('retried', 2), retried);
  await running.start(ban('beside', 2), beside);
  await running.start(ban('parked', 2), parked);
  await running.start(ban('paused', 3), paused);
  for (const key of [retried, beside]) await untilStanding(key, ...Array(3).fill('pending main'));
  await untilStanding(parked, ...Array(3).fill('parked main'));
  await untilStanding(paused, 'delivered main', 'paused main');
  await running.until(() => isOpenAt(running.client, parked));

  await main.kill();
  const killed = performance.now();
  // Another worker reaches it, so that this one alone has no route.
  await running.until(async () => {
    await reportReach(onPool(running.pool), [{ cluster: 'main', reached: true }]);
    return performance.now() - killed > 2_000 * TAKEOVER_AFTER_SECONDS;
  });
  for (const key of [retried, beside]) expect(await standing(key)).toEqual(Array(3).fill('pending main'));
  const unreached = performance.now();
  faults.delete('retried');
  faults.delete('beside');
  for (const key of [retried, beside]) await untilStanding(key, ...Array(3).fill('delivered standby'));
  const took = (performance.now() - unreached) / 1000;
  expect(took).toBeGreaterThan(TAKEOVER_AFTER_SECONDS);
  expect(took).toBeLessThan(TAKEOVER_AFTER_SECONDS + 30);

  await untilStanding(parked, ...Array(3).fill('parked standby'));
  await running.until(async () => {
    const metrics = await fetch(`http://127.0.0.1:${running.worker.port}/metrics`);
    return (await metrics.text()).includes('chat_events_swept_total{cluster="standby",did="takenOver"} 3');
  });
  await running.until(() => isOpenAt(onStandby, parked));
  faults.delete('parked');
  await onStandby.workflow.getHandle(parked).signal('redrive');
  await untilStanding(parked, ...Array(3).fill('delivered standby'));

  await running.pool.query(`update subscription set state = 'active' where site_id = '3'`);
  await untilStanding(paused, 'delivered main', 'delivered standby');
  const before = [...sent].sort();

  await main.restart();
  await running.until(async () => {
    const open = [retried, beside, parked, paused].map((key) => isOpenAt(running.client, key));
    return !(await Promise.all(open)).includes(true);
  });
  for (const key of [retried, beside, parked, paused]) {
    const { status } = await running.client.workflow.getHandle(key).describe();
    expect(status.name).toBe('COMPLETED');
  }
  expect([...sent].sort()).toEqual(before);
  for (const id of ['retried', 'beside', 'parked', 'paused']) expect(await running.effects(id)).toBe(1);
  // The runs may have ended by themselves, before the sweep told them.
  await running.until(async () => (await running.pool.query('select from abandoned_run')).rowCount === 0);
}, 180_000);

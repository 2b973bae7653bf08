import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { NAMESPACE } from '../../protocol/constants';
import { openOpsCommand } from '../ops-command';
import { endWorkerProcess, startWorkerProcess } from '../worker-process';

/** Deliveries that are sent again at half of the rate. */
const PARKED = Number(process.env['PARKED'] ?? 1_000);
/** By which the rate is measured that this machine does now. */
const MEASURED = 500;
/** The test sees a batch up to so much later than it was sent. */
const LOOK_EVERY_MS = 250;

let command: Awaited<ReturnType<typeof openOpsCommand>>;
let client: Client;
let workers: ChildProcess[];
let environment: Record<string, string>;
let made = 0;
/** Half of what this machine does, in deliveries per second. */
let rate = 0;

beforeAll(async () => {
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const namespace = `${NAMESPACE}-${randomUUID().slice(0, 8)}`;
  command = await openOpsCommand({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
  environment = {
    DATABASE_URL: command.url,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    SWEEP_EVERY_SECONDS: '2',
    OVERDUE_AFTER_SECONDS: '5',
  };
  await command.pool.query(
    "insert into subscription (data_queue, event_type, consumer) values ('Visit.Log', 'Visit.Log', 'persistence')",
  );
  workers = [await startWorkerProcess(environment), await startWorkerProcess(environment)];
  client = new Client({ connection: await Connection.connect({ address }), namespace });
}, 120_000);

afterAll(async () => {
  await client.schedule.getHandle('sweep').delete();
  await client.connection.close();
  await Promise.all(workers.map((worker) => endWorkerProcess(worker, 'SIGTERM')));
  await command.close();
});

/** Recorded events of one visit each, whose deliveries are parked, and which no workflow has. */
async function park(count: number): Promise<void> {
  const range = [made + 1, (made += count)];
  await command.pool.query(
    `insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, cluster, workflow_id)
     select 'Visit.Log/7/' || n, 'Visit.Log', '7', n, now(), '{"siteId": "7", "campaignId": "1", "visitCount": 1}', 'hash', 1, 'main', 'none'
     from generate_series($1::int, $2::int) n`,
    range,
  );
  await command.pool.query(
    `insert into delivery (id, event_key, data_queue, label, consumer, site_id, state, tries, owner_cluster, owner_workflow_id, look_at, settled_at, failure_type)
     select gen_random_uuid(), 'Visit.Log/7/' || n, 'Visit.Log', 'Visit.Log', 'persistence', '7', 'parked', 5, 'main', 'Visit.Log/7/' || n,
            now() + interval '1 day', now(), 'Rejected' from generate_series($1::int, $2::int) n`,
    range,
  );
}

const countOf = async (statement: string): Promise<number> =>
  Number((await command.pool.query<{ n: number }>(statement)).rows[0]?.n ?? 0);

const countDelivered = (): Promise<number> => countOf("select count(*) as n from delivery where state = 'delivered'");

/** Until so many more are delivered. @returns when how many were, in milliseconds of `performance.now()` */
async function untilDelivered(wanted: number): Promise<{ at: number; delivered: number }> {
  for (;;) {
    const delivered = await countDelivered();
    if (delivered >= wanted) return { at: performance.now(), delivered };
    await pause(LOOK_EVERY_MS);
  }
}

async function expectAllOnce(): Promise<void> {
  expect(await countOf("select count(*) as n from delivery where state <> 'delivered'")).toBe(0);
  expect(await countOf('select sum(visits) as n from visits_per_day')).toBe(made); // a second effect would add
}

it('sends all again as quickly as this machine can', async () => {
  await park(MEASURED);
  const started = performance.now();
  const { code, stderr } = await command.ops('deliveries redrive --failure Rejected --rate 1000');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const { at } = await untilDelivered(made);
  rate = Math.floor((500 * MEASURED) / (at - started));
  process.stdout.write(`${2 * rate} deliveries per second, so the others at ${rate}\n`);
  await expectAllOnce();
}, 300_000);

it(`holds half of that rate over ${PARKED} parked, and a kill of the command and of a worker leaves none and sends none twice`, async () => {
  await park(PARKED);
  const before = made - PARKED;
  await command.untilSaid(`deliveries redrive --failure Rejected --rate ${rate}`, 'It goes on', {}); // and kills it
  const first = await untilDelivered(before + 2 * rate);
  const last = await untilDelivered(before + PARKED / 2);
  const held = (1000 * (last.delivered - first.delivered)) / (last.at - first.at);
  process.stdout.write(`${held.toFixed(1)} of ${rate} per second\n`);
  await endWorkerProcess(workers[0] as ChildProcess, 'SIGKILL');
  await untilDelivered(made);
  workers[0] = await startWorkerProcess(environment);
  await expectAllOnce();
  expect(held / rate).toBeGreaterThan(0.9);
  expect(held / rate).toBeLessThan(1.1);
}, 1_800_000);

import { temporal } from '@temporalio/proto';
import { DeliveryFailure } from '../activities/failures';
import { runWorker, type Running } from '../tests/running-worker';
import { EFFECT_TABLE, scriptedConsumers } from '../tests/scripted-consumers';

const scripted = scriptedConsumers();
let running: Running;

beforeAll(async () => {
  running = await runWorker({ consumers: scripted.consumers });
  await running.pool.query(EFFECT_TABLE);
  await running.pool.query(`insert into subscription (data_queue, event_type, consumer) values
    ('Agent.Ban', 'Agent.Ban', 'persistence'), ('Agent.Ban.Webhook', 'Agent.Ban', 'webhook'),
    ('Visit.Log', 'Visit.Log', 'persistence')`);
  await running.pool.query(`insert into connection (id, site_id, consumer, name, config, event_types)
    select ('00000000-0000-0000-0000-00000000000' || n)::uuid, '2', 'webhook', 'endpoint ' || n, '{}', '{}'
    from generate_series(1, 2) n`);
}, 60_000);

afterAll(() => running.stop());

let count = 0;
const newId = (name: string) => `${name}-${++count}`;
/** Site 1 has no webhook; site 2 has two endpoints. */
const ban = (id: string, site = 1) => ({
  type: 'Agent.Ban',
  id,
  data: { SiteId: site, AgentId: 5, BanType: 0, IpFromOrVisitorId: 9 },
});
const keyOf = (id: string, site = 1) => `Agent.Ban/${site}/${id}`;
const effects = async (id: string) =>
  (await running.pool.query('select from effect where event_id = $1', [id])).rowCount;
const isOpen = async (workflowId: string) =>
  (await running.client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
const parkedQueues = async (workflowId: string) => {
  const { typedSearchAttributes } = await running.client.workflow.getHandle(workflowId).describe();
  return typedSearchAttributes.getAll().find(({ key }) => key.name === 'ParkedQueues')?.value;
};
const repair = () => running.pool.query('alter table effect drop constraint if exists effect_not_poisoned');
const poison = () =>
  running.pool.query(
    "alter table effect add constraint effect_not_poisoned check (event_id not like 'poison%') not valid",
  );

describe('processChatEvent', () => {
  it('records an event, delivers it and ends', async () => {
    const id = newId('plain');
    const run = await running.start(ban(id));
    expect(await run.result()).toEqual({ delivered: 1 });
    expect(await effects(id)).toBe(1);
    expect(await running.deliveries(keyOf(id))).toMatchObject({
      'Agent.Ban': { state: 'delivered', tries: 1, owner_cluster: 'main' },
    });
    const attributes = (
      await running.client.workflow.getHandle(run.workflowId).describe()
    ).typedSearchAttributes.getAll();
    expect(Object.fromEntries(attributes.map(({ key, value }) => [key.name, value]))).toMatchObject({
      SiteId: '1',
      EventType: 'Agent.Ban',
    });
  });

  it('delivers to each endpoint of the site on its own, named by data queue and number', async () => {
    const id = newId('two-endpoints');
    expect(await (await running.start(ban(id, 2))).result()).toEqual({ delivered: 3 });
    expect(scripted.sent.filter((sent) => sent === id)).toHaveLength(2);
    expect(Object.keys(await running.deliveries(keyOf(id, 2))).sort()).toEqual([
      'Agent.Ban',
      'Agent.Ban.Webhook',
      'Agent.Ban.Webhook#2',
    ]);
  });

  it('keeps trying what is unavailable, and counts the tries in the row', async () => {
    const id = newId('unavailable');
    scripted.faults.set(id, [
      undefined, // the first attempt of persistence
      new DeliveryFailure('Unavailable', 'down'),
      new DeliveryFailure('RateLimited', 'slow down', { retryAfterMs: 100 }),
    ]);
    expect(await (await running.start(ban(id, 2))).result()).toEqual({ delivered: 3 });
    const rows = await running.deliveries(keyOf(id, 2));
    const tries = [rows['Agent.Ban.Webhook']?.['tries'], rows['Agent.Ban.Webhook#2']?.['tries']];
    expect(tries.sort()).toEqual([1, 2]);
  });

  it('parks what is refused, shows it, and delivers it when an operator redrives it', async () => {
    const id = newId('poison');
    const key = keyOf(id, 2);
    await running.start(ban(id, 2), key);
    await running.until(async () => String(await parkedQueues(key)) === 'Agent.Ban');
    const handle = running.client.workflow.getHandle(key);
    const parked = { label: 'Agent.Ban', state: 'parked', failureType: 'Rejected' };
    const status = () => handle.query<{ label: string }[]>('status');
    await running.until(async () => (await status()).length > 0 && (await handle.describe()).historyLength > 5);
    expect(await status()).toContainEqual(expect.objectContaining(parked));
    const details = async () =>
      (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
    await running.until(async () => (await details()) !== ''); // the run that knows ids only has read its rows
    expect(await details()).toContain(
      '| Agent.Ban | Rejected | Postgres answered SQLSTATE 23514 (effect, effect_not_poisoned)',
    );
    expect(await details()).toContain('`redrive`');
    const { events } = await handle.fetchHistory();
    expect(JSON.stringify(events)).not.toContain(Buffer.from('IpFromOrVisitorId').toString('base64').slice(0, 20));
    await handle.signal('discard', { not: 'a list' }); // a slip changes nothing
    await handle.signal('redrive');
    await running.until(async () => (await running.deliveries(key))['Agent.Ban']?.['tries'] === 1);
    expect(await isOpen(key)).toBe(true);
    await repair();
    await handle.signal('redrive', ['Agent.Ban']);
    expect(await handle.result()).toEqual({ delivered: 3 });
    expect(await effects(id)).toBe(1);
    expect((await parkedQueues(key)) ?? []).toEqual([]);
    await running.pool.query("delete from effect where event_id like 'poison%'");
    await poison();
  });

  it('gives up what an operator discards, on the record', async () => {
    const id = newId('poison');
    const key = keyOf(id);
    await running.start(ban(id), key);
    await running.until(async () => (await parkedQueues(key)) !== undefined);
    await running.client.workflow.getHandle(key).signal('discard');
    expect(await running.client.workflow.getHandle(key).result()).toEqual({ discarded: 1 });
    expect((await running.deliveries(key))['Agent.Ban']).toMatchObject({
      state: 'discarded',
      failure_type: 'Rejected',
    });
  });

  it('discards a delivery that waits for its next try without waiting for it', async () => {
    const id = newId('long-wait');
    const key = keyOf(id, 2);
    const fault = new DeliveryFailure('RateLimited', 'in an hour', { retryAfterMs: 3_600_000 });
    scripted.faults.set(id, [undefined, fault, fault]);
    await running.start(ban(id, 2), key);
    await running.until(
      async () => (await running.deliveries(key))['Agent.Ban.Webhook']?.['failure_type'] === 'RateLimited',
    );
    await running.until(
      async () => (await running.deliveries(key))['Agent.Ban.Webhook#2']?.['failure_type'] === 'RateLimited',
    );
    await running.client.workflow.getHandle(key).signal('discard', ['Agent.Ban.Webhook']);
    expect(await running.client.workflow.getHandle(key).result()).toEqual({ delivered: 1, discarded: 2 });
  });

  it('fails with every problem when its one event is invalid, and keeps the input', async () => {
    const run = await running.start({ type: 'Visit.Log', data: { VisitCount: 'x' } });
    await expect(run.result()).rejects.toMatchObject({
      cause: { type: 'InvalidEvent', message: expect.stringMatching(/SiteId.*VisitCount/s) },
    });
    const { rows } = await running.pool.query('select * from refused_event where workflow_id = $1', [run.workflowId]);
    expect(rows).toHaveLength(1);
    expect(JSON.parse(rows[0].raw)).toEqual({ type: 'Visit.Log', data: { VisitCount: 'x' } });
  });

  it.each([[undefined], [null], ['text'], [{ key: 5 }]])(
    'refuses %j as input without failing its task for ever',
    async (input) => {
      await expect((await running.start(input)).result()).rejects.toMatchObject({ cause: { type: 'InvalidEvent' } });
    },
  );

  it('says NotRecorded for a key that the database does not know', async () => {
    await expect((await running.start({ key: keyOf('nobody') })).result()).rejects.toMatchObject({
      cause: { type: 'NotRecorded' },
    });
  });

  it('does one event once when two runs have it at the same time, and keeps the first content', async () => {
    const id = newId('twice');
    const other = { ...ban(id), data: { ...ban(id).data, Comment: 'other' } };
    const runs = await Promise.all([running.start(ban(id)), running.start(ban(id)), running.start(other)]);
    await Promise.all(runs.map((run) => run.result()));
    await running.until(async () => (await effects(id)) === 1);
    const { rows } = await running.pool.query('select problems from refused_event where key = $1', [keyOf(id)]);
    expect(rows.length).toBeGreaterThanOrEqual(1);
    expect(JSON.stringify(rows)).toContain('IdConflict');
  });

  it('takes the event through when its workflow is terminated by hand', async () => {
    const id = newId('terminated');
    const key = keyOf(id, 2);
    scripted.faults.set(id, [
      undefined,
      ...[1, 2].map(() => new DeliveryFailure('RateLimited', 'later', { retryAfterMs: 1_500 })),
    ]);
    await running.start(ban(id, 2), key);
    await running.until(
      async () => (await running.deliveries(key))['Agent.Ban.Webhook']?.['failure_type'] === 'RateLimited',
    );
    await running.client.workflow.getHandle(key).terminate('by hand');
    await running.until(async () =>
      Object.values(await running.deliveries(key)).every(({ state }) => state === 'delivered'),
    );
    expect(await effects(id)).toBe(1);
  });

  it('holds no run open for a paused subscription, and delivers when it is active again', async () => {
    const id = newId('paused');
    const key = keyOf(id);
    await running.pool.query("update subscription set state = 'paused' where data_queue = 'Agent.Ban'");
    expect(await (await running.start(ban(id), key)).result()).toEqual({ parked: 1 });
    await running.pool.query("update subscription set state = 'active' where data_queue = 'Agent.Ban'");
    await running.until(async () => (await running.deliveries(key))['Agent.Ban']?.['state'] === 'delivered');
    expect(await effects(id)).toBe(1);
  });

  it('reads integers beyond 2^53 whole from a start that is not ours', async () => {
    const id = newId('long');
    const data = Buffer.from(
      `{"type":"Agent.Ban","id":"${id}","data":{"SiteId":1,"BanType":0,"IpFromOrVisitorId":636512345678901234}}`,
    );
    await running.client.workflowService.startWorkflowExecution({
      namespace: running.config.TEMPORAL_NAMESPACE,
      workflowId: id,
      requestId: id,
      workflowType: { name: 'processChatEvent' },
      taskQueue: { name: 'chat-events' },
      input: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data }] },
    } satisfies temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest);
    await running.client.workflow.getHandle(id).result();
    const { rows } = await running.pool.query('select data from event where key = $1', [keyOf(id)]);
    expect(JSON.stringify(rows)).toContain('"636512345678901234"');
  });
});

describe('a ride', () => {
  it('lets one poisoned event suffer alone, and gives it a workflow of its own', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => (i === 7 ? newId('poison') : newId('ride')));
    const [poisoned = ''] = ids.slice(7);
    const events = [
      ...ids.map((id) => ban(id)),
      { type: 'Agent.Ban', data: {} },
      { type: 'Visit.Log', data: { SiteId: 1, VisitCount: 3 } },
    ];
    const run = await running.start(events, newId('ride/'));
    expect(await run.result()).toEqual({ delivered: 20, parked: 1 });
    for (const id of ids) expect(await effects(id)).toBe(id === poisoned ? 0 : 1);
    const refused = await running.pool.query('select position from refused_event where workflow_id = $1', [
      run.workflowId,
    ]);
    expect(refused.rows).toEqual([{ position: 20 }]);
    await running.until(async () => String(await parkedQueues(keyOf(poisoned)).catch(() => '')) === 'Agent.Ban');
    await running.client.workflow.getHandle(keyOf(poisoned)).signal('discard');
    expect(await running.client.workflow.getHandle(keyOf(poisoned)).result()).toEqual({ discarded: 1 });
  });

  it('sends all deliveries of a consumer in one activity and repeats only what failed', async () => {
    const ids = Array.from({ length: 5 }, () => newId('ride-external'));
    scripted.faults.set(ids[2] ?? '', [undefined, new DeliveryFailure('RateLimited', 'later', { retryAfterMs: 100 })]);
    const run = await running.start(
      ids.map((id) => ban(id, 2)),
      newId('ride/'),
    );
    expect(await run.result()).toEqual({ delivered: 15 });
    const arrivals = ids.map((id) => scripted.sent.filter((sent) => sent === id).length);
    expect(arrivals).toEqual([2, 2, 3, 2, 2]);
    const { events = [] } = await running.client.workflow.getHandle(run.workflowId).fetchHistory();
    expect(
      events?.filter(({ activityTaskScheduledEventAttributes }) => activityTaskScheduledEventAttributes),
    ).toHaveLength(1);
  });
});

import type { temporal } from '@temporalio/proto';
import { DeliveryFailure } from '../activities/failures';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';

let running: ScriptedRun;

beforeAll(async () => {
  running = await runScripted();
}, 60_000);

afterAll(() => running.stop());

/** Starts a run with bytes that no SDK of ours would send. */
async function startRaw(workflowId: string, text: string): Promise<void> {
  await running.client.workflowService.startWorkflowExecution({
    namespace: running.config.TEMPORAL_NAMESPACE,
    workflowId,
    requestId: workflowId,
    workflowType: { name: 'processChatEvent' },
    taskQueue: { name: 'chat-events' },
    input: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(text) }] },
  } satisfies temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest);
}

describe('processChatEvent', () => {
  afterEach(() => running.pool.query('update connection set edition = edition + 1')); // as mended: no hold is left

  it('records an event, delivers it and ends', async () => {
    const id = newId('plain');
    const run = await running.start(ban(id));
    expect(await run.result()).toEqual({ delivered: 1 });
    expect(await running.effects(id)).toBe(1);
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
    expect(running.scripted.sent.filter((sent) => sent === id)).toHaveLength(2);
    expect(Object.keys(await running.deliveries(keyOf(id, 2))).sort()).toEqual([
      'Agent.Ban',
      'Agent.Ban.Webhook',
      'Agent.Ban.Webhook#2',
    ]);
  });

  it('keeps trying what is unavailable, and counts the tries in the row', async () => {
    const id = newId('unavailable');
    running.scripted.faults.set(id, [
      undefined, // the first attempt of persistence
      new DeliveryFailure('Unavailable', 'down'),
      new DeliveryFailure('RateLimited', 'slow down', { retryAfterMs: 100 }),
    ]);
    expect(await (await running.start(ban(id, 2))).result()).toEqual({ delivered: 3 });
    const rows = await running.deliveries(keyOf(id, 2));
    const tries = [rows['Agent.Ban.Webhook']?.['tries'], rows['Agent.Ban.Webhook#2']?.['tries']];
    expect(tries.sort()).toEqual([1, 2]);
  });

  it('leaves the data of a large event behind while its destination is tried again', async () => {
    const id = newId('large');
    const key = keyOf(id, 2);
    const handle = running.client.workflow.getHandle(key);
    const later = new DeliveryFailure('Unavailable', 'in an hour', { retryAfterMs: 3_600_000 });
    running.scripted.faults.set(id, [undefined, later, later]);
    const { data, ...event } = ban(id, 2);
    await running.start({ ...event, data: { ...data, Comment: 'x'.repeat(100_000) } }, key);
    const first = (await handle.describe()).raw.workflowExecutionInfo?.firstRunId;
    await running.until(async () => (await handle.describe()).runId !== first);
    expect((await handle.describe()).historyLength).toBeLessThan(30);
    expect(JSON.stringify((await handle.fetchHistory()).events)).not.toContain(
      Buffer.from('x'.repeat(99)).toString('base64'),
    );
    await running.until(
      async () => (await running.deliveries(key))['Agent.Ban.Webhook']?.['failure_type'] === 'Unavailable',
    );
    await handle.signal('discard', ['Agent.Ban.Webhook', 'Agent.Ban.Webhook#2']);
    expect(await handle.result()).toEqual({ delivered: 1, discarded: 2 });
    expect(await running.effects(id)).toBe(1);
  });

  it('parks what is refused, shows it, and delivers it when an operator redrives it', async () => {
    const id = newId('poison');
    const key = keyOf(id, 2);
    await running.start(ban(id, 2), key);
    await running.until(async () => String(await running.parkedQueues(key)) === 'Agent.Ban');
    const handle = running.client.workflow.getHandle(key);
    const parked = { label: 'Agent.Ban', state: 'parked', failureType: 'Rejected' };
    const details = async () =>
      (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
    // From here on, whichever run answers, the one that parked it or the one that knows ids only.
    expect(await handle.query('status')).toContainEqual(expect.objectContaining(parked));
    expect(await details()).toMatch(
      /^- \*\*Agent\.Ban\*\* since [-\d]+T[:\d]+Z: Rejected: Postgres answered SQLSTATE 23514 \(effect, effect_not_poisoned\)/m,
    );
    expect(await details()).toContain('`redrive`');
    expect(await details()).toContain(`Agent.Ban site 2 \`${key}\``);
    const first = (await handle.describe()).raw.workflowExecutionInfo?.firstRunId;
    await running.until(async () => (await handle.describe()).runId !== first);
    const { events } = await handle.fetchHistory();
    expect(JSON.stringify(events)).not.toContain(Buffer.from('IpFromOrVisitorId').toString('base64').slice(0, 20));
    await handle.signal('discard', { not: 'a list' }); // a slip changes nothing
    await handle.signal('redrive');
    await running.until(async () => (await running.deliveries(key))['Agent.Ban']?.['tries'] === 1);
    expect(await running.isOpen(key)).toBe(true);
    await running.repair();
    await handle.signal('redrive', ['Agent.Ban']);
    expect(await handle.result()).toEqual({ delivered: 3 });
    expect(await running.effects(id)).toBe(1);
    expect((await running.parkedQueues(key)) ?? []).toEqual([]);
    await running.pool.query("delete from effect where event_id like 'poison%'");
    await running.poison();
  });

  it('gives up what an operator discards, on the record', async () => {
    const id = newId('poison');
    const key = keyOf(id);
    await running.start(ban(id), key);
    await running.until(async () => (await running.parkedQueues(key)) !== undefined);
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
    const fault = new DeliveryFailure('Unavailable', 'in an hour', { retryAfterMs: 3_600_000 });
    running.scripted.faults.set(id, [undefined, fault, fault]);
    await running.start(ban(id, 2), key);
    await running.until(
      async () => (await running.deliveries(key))['Agent.Ban.Webhook']?.['failure_type'] === 'Unavailable',
    );
    await running.until(
      async () => (await running.deliveries(key))['Agent.Ban.Webhook#2']?.['failure_type'] === 'Unavailable',
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

  it.each([keyOf('nobody'), 'Agent.Ban/1/\0'])(
    'says NotRecorded for the key %j that the database does not know',
    async (key) => {
      await expect((await running.start({ key })).result()).rejects.toMatchObject({ cause: { type: 'NotRecorded' } });
    },
  );

  it('does one event once when two runs have it at the same time, and keeps the first content', async () => {
    const id = newId('twice');
    const other = { ...ban(id), data: { ...ban(id).data, Comment: 'other' } };
    const runs = await Promise.all([running.start(ban(id)), running.start(ban(id)), running.start(other)]);
    await Promise.all(runs.map((run) => run.result()));
    await running.until(async () => (await running.effects(id)) === 1);
    const { rows } = await running.pool.query('select problems from refused_event where key = $1', [keyOf(id)]);
    expect(rows.length).toBeGreaterThanOrEqual(1);
    expect(JSON.stringify(rows)).toContain('IdConflict');
  });

  it('takes the event through when its workflow is terminated by hand', async () => {
    const id = newId('terminated');
    const key = keyOf(id, 2);
    running.scripted.faults.set(id, [
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
    expect(await running.effects(id)).toBe(1);
  });

  it('holds no run open for a paused subscription, and delivers when it is active again', async () => {
    const id = newId('paused');
    const key = keyOf(id);
    await running.pool.query("update subscription set state = 'paused' where data_queue = 'Agent.Ban'");
    expect(await (await running.start(ban(id), key)).result()).toEqual({ parked: 1 });
    await running.pool.query("update subscription set state = 'active' where data_queue = 'Agent.Ban'");
    await running.until(async () => (await running.deliveries(key))['Agent.Ban']?.['state'] === 'delivered');
    expect(await running.effects(id)).toBe(1);
  });

  it('reads integers beyond 2^53 whole from a start that is not ours', async () => {
    const id = newId('long');
    const data = `{"type":"Agent.Ban","id":"${id}","data":{"SiteId":1,"BanType":0,"IpFromOrVisitorId":636512345678901234}}`;
    await startRaw(id, data);
    await running.client.workflow.getHandle(id).result();
    const { rows } = await running.pool.query('select data from event where key = $1', [keyOf(id)]);
    expect(JSON.stringify(rows)).toContain('"636512345678901234"');
  });

  it('keeps each of two inputs that were refused under one workflow id', async () => {
    const workflowId = newId('refused-twice');
    for (const data of [{ SiteId: 'x' }, { SiteId: 'y' }]) {
      const run = await running.start({ type: 'Agent.Ban', data }, workflowId);
      await expect(run.result()).rejects.toMatchObject({ cause: { type: 'InvalidEvent' } });
    }
    const { rows } = await running.pool.query('select raw from refused_event where workflow_id = $1', [workflowId]);
    expect(rows.map(({ raw }) => JSON.parse(raw).data.SiteId).sort()).toEqual(['x', 'y']);
  });

  it('delivers under a workflow id that the database cannot store', async () => {
    const id = newId('odd');
    expect(await (await running.start(ban(id), `${id}\0`)).result()).toEqual({ delivered: 1 });
    expect(await running.effects(id)).toBe(1);
  });

  it('leaves a signal aside that names what cannot be a data queue', async () => {
    const id = newId('poison');
    const key = keyOf(id);
    await running.start(ban(id), key);
    await running.until(async () => (await running.parkedQueues(key)) !== undefined);
    await running.client.workflow.getHandle(key).signal('redrive', ['Agent.Ban\0']);
    await running.client.workflow.getHandle(key).signal('discard', ['Agent.Ban']);
    expect(await running.client.workflow.getHandle(key).result()).toEqual({ discarded: 1 });
  });
});

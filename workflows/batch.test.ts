import { DeliveryFailure } from '../activities/failures';
import { shortenActivity } from '../tests/shorten-activity';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';

let running: ScriptedRun;

beforeAll(async () => {
  running = await runScripted();
}, 60_000);

afterAll(() => running.stop());

describe('a batch', () => {
  it('lets one poisoned event suffer alone, and gives it a workflow of its own', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => (i === 7 ? newId('poison') : newId('batch')));
    const [poisoned = ''] = ids.slice(7);
    const events = [
      ...ids.map((id) => ban(id)),
      { type: 'Agent.Ban', data: { SiteId: 1, AgentId: 15 } },
      { type: 'Visit.Log', data: { SiteId: 1, VisitCount: 3 } },
    ];
    const run = await running.start(events, newId('batch/'));
    expect(await run.result()).toEqual({ delivered: 20, parked: 1 });
    for (const id of ids) expect(await running.effects(id)).toBe(id === poisoned ? 0 : 1);
    const refused = await running.pool.query('select position from refused_event where workflow_id = $1', [
      run.workflowId,
    ]);
    expect(refused.rows).toEqual([{ position: 20 }]);
    await running.until(
      async () => String(await running.parkedQueues(keyOf(poisoned)).catch(() => '')) === 'Agent.Ban',
    );
    await running.client.workflow.getHandle(keyOf(poisoned)).signal('discard');
    expect(await running.client.workflow.getHandle(keyOf(poisoned)).result()).toEqual({ discarded: 1 });
  });

  it('delivers each of several large events once, and goes on under its own run, as the release before knows no other', async () => {
    const ids = Array.from({ length: 4 }, () => newId('batch-large'));
    for (const id of ids.slice(0, 2)) {
      running.scripted.faults.set(id, [undefined, new DeliveryFailure('RateLimited', 'later', { retryAfterMs: 50 })]);
    }
    const events = ids.map((id) => ({ ...ban(id, 2), data: { ...ban(id, 2).data, Comment: 'x'.repeat(100_000) } }));
    const run = await running.start(events, newId('batch/'));
    expect(await run.result()).toEqual({ delivered: 12 });
    const { raw } = await running.client.workflow.getHandle(run.workflowId).describe();
    expect(raw.workflowExecutionInfo?.firstRunId).toBe(raw.workflowExecutionInfo?.execution?.runId);
    for (const id of ids) {
      expect(await running.effects(id)).toBe(1);
      expect(running.scripted.sent.filter((sent) => sent === id)).toHaveLength(ids.indexOf(id) < 2 ? 3 : 2);
    }
  });

  it('records at most 500 events of one list, and keeps the others as refused', async () => {
    const events = Array.from({ length: 503 }, () => ban(newId('long-list')));
    const run = await running.start(events, newId('batch/'));
    expect(await run.result()).toEqual({ delivered: 500 });
    const { rows } = await running.pool.query(
      'select position, problems from refused_event where workflow_id = $1 order by position',
      [run.workflowId],
    );
    expect(rows.map(({ position }) => position)).toEqual([500, 501, 502]);
    expect(JSON.stringify(rows[0])).toContain('comes after 500 others');
  });

  it('carries as many deliveries as its history can hold, and leaves the other events to workflows of their own', async () => {
    await running.pool.query(`insert into connection (site_id, consumer, name, config, event_types, max_in_flight)
      select '3', 'webhook', 'endpoint ' || n, '{}', '{}', 1000 from generate_series(1, 49) n`);
    const ids = Array.from({ length: 63 }, () => newId('many-endpoints')); // 50 deliveries each
    const run = await running.start(
      ids.map((id) => ban(id, 3)),
      newId('batch/'),
    );
    expect(await run.result()).toEqual({ delivered: 3_000 });
    const arrived = (id: string) => running.scripted.sent.filter((sent) => sent === id).length;
    await running.until(async () => ids.every((id) => arrived(id) === 49));
    for (const id of ids) expect(await running.effects(id)).toBe(1);
  });

  it('ends although its own workflow id is the key of one of its events, which then has a run of its own', async () => {
    const [poisoned, good] = [newId('poison'), newId('good')];
    const run = await running.start([ban(good), ban(poisoned)], keyOf(poisoned));
    expect(await run.result()).toEqual({ delivered: 1, parked: 1 });
    await running.until(
      async () =>
        (await running.isOpen(keyOf(poisoned))) && (await running.parkedQueues(keyOf(poisoned))) !== undefined,
    );
    await running.client.workflow.getHandle(keyOf(poisoned)).signal('discard');
    await running.until(async () => !(await running.isOpen(keyOf(poisoned))));
    expect((await running.deliveries(keyOf(poisoned)))['Agent.Ban']).toMatchObject({ state: 'discarded' });
  });

  it('sends all deliveries of a consumer in one activity and repeats only what failed', async () => {
    const ids = Array.from({ length: 5 }, () => newId('batch-external'));
    running.scripted.faults.set(ids[2] ?? '', [
      undefined,
      new DeliveryFailure('RateLimited', 'later', { retryAfterMs: 100 }),
    ]);
    const run = await running.start(
      ids.map((id) => ban(id, 2)),
      newId('batch/'),
    );
    expect(await run.result()).toEqual({ delivered: 15 });
    const arrivals = ids.map((id) => running.scripted.sent.filter((sent) => sent === id).length);
    expect(arrivals).toEqual([2, 2, 3, 2, 2]);
    const { events = [] } = await running.client.workflow.getHandle(run.workflowId).fetchHistory();
    expect(
      events?.filter(({ activityTaskScheduledEventAttributes }) => activityTaskScheduledEventAttributes),
    ).toHaveLength(1);
  });

  it.each([
    ['after two hours in the queue', 120_000],
    ['when its next try would come after six minutes', 420_000],
  ])('gives a delivery to the workflow of its event %s', async (_, retryAfterMs) => {
    const ids = [newId('batch-late'), newId('batch-in-time')];
    const [late = ''] = ids;
    const later = new DeliveryFailure('Unavailable', 'later', { retryAfterMs });
    running.scripted.faults.set(late, [undefined, later, later]);
    const events = ids.map((id) => ban(id, 2));
    const run = await running.start(events, newId('batch/'));
    const rows = async () => Object.values(await running.deliveries(keyOf(late, 2)));
    await running.until(async () => (await rows()).filter((row) => row['failure_type'] === 'Unavailable').length === 2);
    if (retryAfterMs < 360_000) await shortenActivity(running.client, run.workflowId, 'webhook');
    expect(await run.result()).toEqual({ delivered: 4, pending: 2 });
    expect((await rows()).filter((row) => row['owner_workflow_id'] === keyOf(late, 2))).toHaveLength(2);
    await running.until(() => running.isOpen(keyOf(late, 2)).catch(() => false));
    await running.client.workflow.getHandle(keyOf(late, 2)).signal('redrive');
    expect(await running.client.workflow.getHandle(keyOf(late, 2)).result()).toEqual({ delivered: 3 });
  });

  it('leaves a delivery that waits for its next try where it is when it is told to look', async () => {
    const ids = Array.from({ length: 3 }, () => newId('batch-told'));
    const [waiting = ''] = ids;
    const later = new DeliveryFailure('RateLimited', 'in two minutes', { retryAfterMs: 120_000 });
    running.scripted.faults.set(waiting, [undefined, later, later]);
    const run = await running.start(
      ids.map((id) => ban(id, 2)),
      newId('batch/'),
    );
    const handle = running.client.workflow.getHandle(run.workflowId);
    const queues = ['Agent.Ban.Webhook', 'Agent.Ban.Webhook#2'];
    const isTried = async (id: string) => {
      const rows = await running.deliveries(keyOf(id, 2));
      return queues.every((queue) => rows[queue]?.['failure_type'] === 'RateLimited' || rows[queue]?.['tries'] === 1);
    };
    for (const id of ids) await running.until(() => isTried(id));
    await handle.signal('refresh');
    const delivered = async () =>
      (await handle.query<{ state: string }[]>('status')).filter(({ state }) => state === 'delivered').length;
    await running.until(async () => (await delivered()) === 7); // it has looked
    const { events } = await handle.fetchHistory();
    expect(events?.some((one) => one.activityTaskCancelRequestedEventAttributes)).toBe(false);
    await handle.signal('discard', queues);
    expect(await run.result()).toEqual({ delivered: 7, discarded: 2 });
  });
});

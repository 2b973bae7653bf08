import { DeliveryFailure } from '../activities/failures';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';
import { TASK_QUEUE } from '../protocol/constants';
import type { ResumeInput } from './resume-deliveries';

let running: ScriptedRun;

beforeAll(async () => {
  running = await runScripted();
});

afterAll(() => running.stop());

const resume = (input: object) =>
  running.client.workflow.execute('resumeDeliveries', {
    taskQueue: TASK_QUEUE,
    workflowId: newId('resume'),
    args: [input],
  });

async function parkPoisoned(count: number): Promise<string[]> {
  const keys: string[] = [];
  for (let i = 0; i < count; i++) {
    const id = newId('poison');
    await running.start(ban(id), keyOf(id));
    keys.push(keyOf(id));
  }
  for (const key of keys) await running.until(async () => (await running.parkedQueues(key)) !== undefined);
  return keys;
}

it('redrives what is parked, and its runs end', async () => {
  const keys = await parkPoisoned(3);
  const selection = { action: 'redrive', failure: 'Rejected', queue: 'Agent.Ban', rate: 50 } satisfies ResumeInput;
  expect(await resume({ ...selection, dryRun: true })).toEqual({
    changed: 0,
    wouldChange: [{ dataQueue: 'Agent.Ban', failure: 'Rejected', deliveries: 3 }],
  });
  expect(await resume({ ...selection, failure: undefined, site: 1, dryRun: true })).toEqual({
    changed: 0,
    wouldChange: [],
    leftOut: [
      { dataQueue: 'Agent.Ban', failure: 'Rejected', deliveries: 3, why: 'taken only if the failure is named' },
    ],
  });
  await running.repair();
  expect(await resume(selection)).toEqual({ changed: 3 });
  for (const key of keys) await running.until(async () => !(await running.isOpen(key)));
  expect((await running.deliveries(keys[0] ?? ''))['Agent.Ban']).toMatchObject({ state: 'delivered' });
  await running.pool.query("delete from effect where event_id like 'poison%'");
  await running.poison();
});

it('discards what is parked, and its runs end', async () => {
  const keys = await parkPoisoned(2);
  expect(await resume({ action: 'discard', failure: 'Rejected', rate: 50 })).toEqual({ changed: 2 });
  for (const key of keys) await running.until(async () => !(await running.isOpen(key)));
});

it('takes what fails again once only, even when it is told to take what will be parked later', async () => {
  const [key = ''] = await parkPoisoned(1);
  const before = new Date(Date.now() + 86_400_000).toISOString();
  expect(await resume({ action: 'redrive', failure: 'Rejected', rate: 1, before })).toEqual({ changed: 1 });
  await running.until(async () => (await running.deliveries(key))['Agent.Ban']?.['state'] === 'parked');
  await running.client.workflow.getHandle(key).signal('discard');
  await running.client.workflow.getHandle(key).result();
});

it('sends what a subscription held, and makes it active at the end', async () => {
  const state = (to: string) =>
    running.pool.query("update subscription set state = $1 where data_queue = 'Agent.Ban'", [to]);
  await state('paused');
  const ids = [newId('held'), newId('held')];
  for (const id of ids) await (await running.start(ban(id), keyOf(id))).result();
  await state('resuming');
  const input = { action: 'redrive', queue: 'Agent.Ban', failure: 'Paused', rate: 100, resumes: '*' };
  expect(await resume(input)).toEqual({ changed: 2 });
  for (const id of ids) await running.until(async () => (await running.effects(id)) === 1);
  const { rows } = await running.pool.query("select state from subscription where data_queue = 'Agent.Ban'");
  expect(rows).toEqual([{ state: 'active' }]);
});

it.each([
  [{}, 'action'],
  [{ action: 'redrive' }, 'rate'],
  [{ action: 'redrive', rate: 0 }, 'rate'],
  [{ action: 'redrive', rate: 5, before: 'yesterday' }, 'before'],
  [{ action: 'redrive', rate: 1e-300 }, 'rate'],
  [{ action: 'redrive', rate: 5, before: '-200000-01-01T00:00:00Z' }, 'before'],
  [{ action: 'redrive', rate: 5, before: 5 }, 'before'],
  [{ action: 'redrive', rate: 5, site: 7.5 }, 'site'],
  [{ action: 'redrive', rate: 5, queue: 'Agent.Ban\0' }, 'queue'],
  [{ action: 'redrive', rate: 5, site: 'acme' }, 'site'],
  [{ action: 'redrive', rate: 5, site: '010001' }, 'site'],
  [{ action: 'discard', dryRun: true, site: '10001 ' }, 'site'],
  [{ action: 'redrive', rate: 5, type: 'Chat.Began' }, 'type'],
  [{ action: 'redrive', rate: 5, failure: 'Refused' }, 'failure'],
  [null, 'action'],
])('refuses %j, saying what is wrong', async (input, problem) => {
  await expect(resume(input as object)).rejects.toMatchObject({
    cause: { type: 'InvalidInput', message: expect.stringContaining(problem) },
  });
});

it('has deliveries that wait for their next try sent at once, each once', async () => {
  const id = newId('waiting');
  const key = keyOf(id, 2);
  const inAnHour = () => new DeliveryFailure('Unavailable', 'in an hour', { retryAfterMs: 3_600_000 });
  running.scripted.faults.set(id, [undefined, inAnHour(), inAnHour(), inAnHour()]);
  await running.start(ban(id, 2), key);
  const rows = async () => Object.values(await running.deliveries(key));
  await running.until(async () => (await rows()).filter((row) => row['failure_type'] === 'Unavailable').length === 2);
  const selection = { action: 'redrive', site: '2', queue: 'Agent.Ban.Webhook', rate: 1_000 } satisfies ResumeInput;
  expect(await resume({ ...selection, dryRun: true })).toEqual({
    changed: 0,
    wouldChange: [],
    wouldWake: [{ dataQueue: 'Agent.Ban.Webhook', failure: 'Unavailable', deliveries: 2 }],
  });
  expect(await resume(selection)).toEqual({ changed: 2 });
  await running.until(async () => running.scripted.sent.filter((sent) => sent === id).length === 4);
  await running.until(async () => (await rows()).filter((row) => row['state'] === 'delivered').length === 2);
  expect((await rows()).map(({ state }) => state).sort()).toEqual(['delivered', 'delivered', 'pending']);
});

import { DeliveryFailure } from '../activities/failures';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';

let running: ScriptedRun;

beforeAll(async () => {
  running = await runScripted();
});

afterAll(() => running.stop());

const inAnHour = () => new DeliveryFailure('Unavailable', 'in an hour', { retryAfterMs: 3_600_000 });

it('records an event whose run is cancelled before that, and the sweep continues it', async () => {
  const id = newId('cancelled');
  const run = await running.client.workflow.start('processChatEvent', {
    taskQueue: 'chat-events',
    workflowId: keyOf(id),
    args: [ban(id)],
    startDelay: '1 s',
  });
  await run.cancel();
  const cancelled = running.client.workflow.getHandle(keyOf(id), run.firstExecutionRunId);
  await expect(cancelled.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  await running.until(async () => (await running.effects(id)) === 1);
});

/** Starts an event with two deliveries that wait for an hour; the result names the activities. */
async function startWaiting(id: string): Promise<string> {
  const key = keyOf(id, 2);
  running.scripted.faults.set(id, [undefined, inAnHour(), inAnHour()]);
  await running.start(ban(id, 2), key);
  await untilBothWait(key, 2);
  return key;
}

async function untilBothWait(key: string, attempts: number): Promise<void> {
  await running.until(async () => {
    const { raw } = await running.client.workflow.getHandle(key).describe();
    const waiting = (raw.pendingActivities ?? []).filter(({ state }) => state === WAITS);
    return waiting.length === 2 && waiting.some(({ attempt }) => attempt === attempts);
  });
}

const WAITS = 1; // temporal.api.enums.v1.PendingActivityState: scheduled

const states = async (key: string) =>
  Object.fromEntries(Object.entries(await running.deliveries(key)).map(([label, { state }]) => [label, state]));

it('makes the attempt that an operator asks for by Reset, and no other one', async () => {
  const key = await startWaiting(newId('reset'));
  const { namespace } = running.client.options;
  const activity = { namespace, execution: { workflowId: key }, id: 'Agent.Ban.Webhook' };
  await running.client.workflowService.resetActivity(activity);
  await running.until(async () => (await states(key))['Agent.Ban.Webhook'] === 'delivered');
  expect(await states(key)).toEqual({
    'Agent.Ban': 'delivered',
    'Agent.Ban.Webhook': 'delivered',
    'Agent.Ban.Webhook#2': 'pending',
  });
});

it('makes the attempt that an operator asks for by Unpause, at each time', async () => {
  const id = newId('unpause');
  const key = await startWaiting(id);
  running.scripted.faults.set(id, [inAnHour()]);
  const { namespace } = running.client.options;
  const activity = { namespace, execution: { workflowId: key }, id: 'Agent.Ban.Webhook#2' };
  for (const sends of [3, 4]) {
    await untilBothWait(key, sends - 1);
    await running.client.workflowService.pauseActivity(activity);
    await running.client.workflowService.unpauseActivity(activity);
    await running.until(async () => running.scripted.sent.filter((sent) => sent === id).length === sends);
    await running.until(async () => (await states(key))['Agent.Ban.Webhook#2'] === 'delivered' || sends === 3);
  }
  expect((await states(key))['Agent.Ban.Webhook']).toBe('pending');
});

describe('the updates redrive and discard', () => {
  const update = (key: string, name: 'redrive' | 'discard', queues?: unknown) =>
    running.client.workflow.getHandle(key).executeUpdate<unknown, [unknown]>(name, { args: [queues] });

  it.each([
    [['Agent.Bam'], 'There is no delivery Agent.Bam here; there is Agent.Ban, Agent.Ban.Webhook, Agent.Ban.Webhook#2.'],
    [{ queue: 'Agent.Ban' }, 'Expected nothing, or a list of data queues such as ["Agent.Ban"].'],
  ])('refuse %j before anything is done', async (input, message) => {
    const key = await startWaiting(newId('misspelt'));
    const length = async () => (await running.client.workflow.getHandle(key).describe()).historyLength;
    const before = await length();
    await expect(update(key, 'redrive', input)).rejects.toMatchObject({ cause: { type: 'InvalidInput', message } });
    expect(await length()).toBe(before);
    await update(key, 'discard', ['Agent.Ban.Webhook']);
  });

  it('answer what was done, the last one as its run ends', async () => {
    const id = newId('updated');
    const key = await startWaiting(id);
    expect(await update(key, 'discard', ['Agent.Ban.Webhook#2'])).toEqual({
      changed: 1,
      deliveries: [{ dataQueue: 'Agent.Ban.Webhook#2', state: 'discarded' }],
    });
    expect(await update(key, 'discard')).toMatchObject({ changed: 0 }); // nothing is parked
    running.scripted.faults.set(id, [inAnHour()]);
    expect(await update(key, 'redrive', ['Agent.Ban.Webhook'])).toMatchObject({ changed: 1 });
    await running.until(async () => running.scripted.sent.filter((sent) => sent === id).length === 3);
    await running.until(async () => (await running.deliveries(key))['Agent.Ban.Webhook']?.['lease_token'] === null);
    expect(await update(key, 'discard', 'Agent.Ban.Webhook')).toMatchObject({ changed: 1 });
    const result = await running.client.workflow.getHandle(key).result();
    expect(result).toEqual({ delivered: 1, discarded: 2 });
  });

  it('wait until the event is recorded, which says what data queues it has', async () => {
    const id = newId('early');
    const args = { taskQueue: 'chat-events', workflowId: keyOf(id), args: [ban(id)], startDelay: '1 s' } as const;
    await running.client.workflow.start('processChatEvent', args);
    await expect(update(keyOf(id), 'redrive', ['Agent.Bam'])).rejects.toMatchObject({
      cause: { type: 'InvalidInput' },
    });
  });
});

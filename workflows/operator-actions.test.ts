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

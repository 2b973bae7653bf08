import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';
import { RECORDED_EVENTS_TYPE, TASK_QUEUE } from '../protocol/constants';

let running: ScriptedRun;

beforeAll(async () => {
  running = await runScripted();
});

afterAll(() => running.stop());

const ask = (keys: unknown) =>
  running.client.workflow.execute(RECORDED_EVENTS_TYPE, {
    taskQueue: TASK_QUEUE,
    workflowId: newId('ask'),
    args: [keys],
  });

it('tells of each key, in their order, whether the database has recorded it, refused it or does not know it', async () => {
  const [good, bad] = [newId('good'), newId('bad')];
  await (await running.start(ban(good), keyOf(good))).result();
  const invalid = { ...ban(bad), data: { ...ban(bad).data, AgentId: {} } };
  await expect((await running.start(invalid, keyOf(bad))).result()).rejects.toThrow('Workflow execution failed');
  const keys = [keyOf('never'), keyOf(bad), keyOf(good), 'with\0nul', keyOf(good)];
  expect(await ask(keys)).toEqual(['unknown', 'refused', 'recorded', 'unknown', 'recorded']);
});

it('says recorded of an event that was refused once and is recorded now', async () => {
  const id = newId('mended');
  const invalid = { ...ban(id), data: { ...ban(id).data, AgentId: {} } };
  await expect((await running.start(invalid, keyOf(id))).result()).rejects.toThrow('Workflow execution failed');
  await (await running.start(ban(id), keyOf(id))).result();
  expect(await ask([keyOf(id)])).toEqual(['recorded']);
});

it('refuses what is no list of up to 1,000 keys', async () => {
  for (const keys of ['key', [1], Array.from({ length: 1_001 }, String)]) {
    await expect(ask(keys)).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
  }
});

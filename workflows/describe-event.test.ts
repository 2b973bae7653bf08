import { keyOf, runScripted, type ScriptedRun } from '../tests/scripted-run';

let running: ScriptedRun;

beforeAll(async () => {
  running = await runScripted();
}, 60_000);

afterAll(() => running.stop());

it('shows what the run before it knew for as long as its rows cannot be read', async () => {
  const delivery = {
    id: 'd',
    label: 'Agent.Ban',
    consumer: 'persistence',
    mode: 'local',
    state: 'parked',
    mine: true,
  };
  const parked = { ...delivery, failureType: 'Rejected', failureMessage: 'why', since: '2026-11-20T10:00:00Z' };
  const known = { key: keyOf('not-there'), type: 'Agent.Ban', siteId: '1', deliveries: [parked] };
  const locked = await running.pool.connect();
  try {
    await locked.query("begin; set local idle_in_transaction_session_timeout = '1 min'");
    await locked.query('lock table event in access exclusive mode');
    const run = await running.start({ key: known.key, known });
    const handle = running.client.workflow.getHandle(run.workflowId);
    expect(await handle.query('status')).toEqual([parked]);
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('- **Agent.Ban** since 2026-11-20T10:00:00Z: Rejected: why');
    await locked.query('rollback');
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'NotRecorded' } });
  } finally {
    locked.release(true);
  }
});

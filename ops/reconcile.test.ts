import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublisher, type Publisher } from '../client';
import { openOpsCommand } from '../tests/ops-command';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';

let running: ScriptedRun;
let command: Awaited<ReturnType<typeof openOpsCommand>>;
let dir: string;

beforeAll(async () => {
  running = await runScripted();
  const { DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = running.config;
  command = await openOpsCommand({ DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE });
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
}, 400_000);

afterAll(async () => {
  await command.close();
  await running.stop();
  rmSync(dir, { recursive: true });
});

/** @param address of a cluster. Default: the run's */
const openPublisher = (address = running.config.TEMPORAL_ADDRESS, journal = dir): Publisher =>
  createPublisher({
    clusters: [{ name: 'main', address, namespace: running.config.TEMPORAL_NAMESPACE }],
    journal: { dir: journal, keepHours: 24 },
    maxBatch: 1,
    deadlineMs: 1_000,
  });

/** True in the run that has continued as new, when its first workflow task is done. */
async function waitsForSignal(workflowId: string): Promise<boolean> {
  const { events } = await running.client.workflow.getHandle(workflowId).fetchHistory();
  const [first] = events ?? [];
  const isContinued = Boolean(first?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId);
  return isContinued && (events ?? []).some((event) => event.workflowTaskCompletedEventAttributes);
}

interface Answer {
  readonly differences: readonly {
    readonly lacks: string;
    readonly key: string;
    readonly lackedBy: readonly string[];
  }[];
}

/** Of all events until now. */
async function reconcile(options: string): Promise<{ code: number; answer: Answer & Record<string, unknown> }> {
  const { code, stdout, stderr } = await command.ops(`reconcile --from 24h --to 0s --json ${options}`.trim());
  if (stdout === '') throw new Error(stderr);
  return { code, answer: JSON.parse(stdout) };
}

const openIds = async (): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { workflowId } of running.client.workflow.list({
    query: 'WorkflowType = "processChatEvent" AND ExecutionStatus = "Running"',
  }))
    ids.push(workflowId);
  return ids;
};

it('names the event, the delivery, the workflow and the start that are missing, and no other', async () => {
  const [gone, incomplete, parked, whole] = [newId('gone'), newId('incomplete'), newId('poison'), newId('whole')];
  const publisher = openPublisher();
  for (const [id, site] of [
    [gone, 1],
    [incomplete, 2],
    [parked, 1],
    [whole, 2],
  ] as const)
    await publisher.publish('Agent.Ban', ban(id, site).data, { id });
  await running.until(async () => publisher.status().journal?.entries === 0);
  await publisher.close();
  await running.until(async () => (await openIds()).join() === keyOf(parked));
  const { code, answer } = await reconcile(`--journal ${dir}`);
  const { from: _, to: __, ...found } = answer;
  expect([code, found]).toEqual([
    0,
    { accepted: 4, events: 4, deliveries: 8, refused: 0, notRecordedYet: 0, notCompared: [], differences: [] },
  ]);

  await running.pool.query('delete from event where key = $1', [keyOf(gone)]);
  await running.pool.query("delete from delivery where event_key = $1 and label = 'Agent.Ban.Webhook#2'", [
    keyOf(incomplete, 2),
  ]);
  const { workflowService, options } = running.client;
  await running.client.workflow.getHandle(keyOf(parked)).terminate();
  const workflowExecution = { workflowId: keyOf(parked) };
  await workflowService.deleteWorkflowExecution({ namespace: options.namespace, workflowExecution });
  await running.until(async () => (await openIds()).length === 0);
  const isGone = () => running.isOpen(keyOf(parked)).then(() => false, () => true); // prettier-ignore
  await running.until(isGone);
  const dropped = newId('dropped');
  const cutOff = openPublisher('127.0.0.1:1'); // nothing listens there
  await cutOff.publish('Agent.Ban', ban(dropped).data, { id: dropped });
  await cutOff.close();

  const after = await reconcile(`--journal ${dir}`);
  const byKey = Object.fromEntries(after.answer.differences.map((one) => [one.key, one]));
  expect(after.code).toBe(1);
  expect(byKey).toEqual({
    [keyOf(gone)]: {
      lacks: 'event',
      key: keyOf(gone),
      lackedBy: ['database'],
      knownTo: [dir, `main (workflow ${keyOf(gone)}, COMPLETED)`],
      says: expect.stringContaining('it was started'),
    },
    [keyOf(incomplete, 2)]: {
      lacks: 'delivery',
      key: keyOf(incomplete, 2),
      lackedBy: ['database'],
      knownTo: ['database'],
      says: expect.stringMatching(/with 3 deliveries .*no row of Agent.Ban.Webhook \(00000000-.*2\)$/),
    },
    [keyOf(parked)]: {
      lacks: 'workflow',
      key: keyOf(parked),
      lackedBy: ['main'],
      knownTo: ['database'],
      says: expect.stringContaining('(there is none) for Agent.Ban;'),
    },
    [keyOf(dropped)]: {
      lacks: 'event',
      key: keyOf(dropped),
      lackedBy: ['database', 'main'],
      knownTo: [dir],
      says: expect.stringContaining('never started'),
    },
  });
  expect((await reconcile(`--journal ${dir} --site 2`)).answer.differences.map(({ key }) => key)).toEqual([
    keyOf(incomplete, 2),
  ]);
  const { code: said, stdout } = await command.ops(`reconcile --from 24h --to 0s --journal ${dir}`);
  expect([said, stdout]).toEqual([1, expect.stringContaining(keyOf(dropped))]);
  await running.pool.query('truncate event cascade');
});

it('names an open workflow that has nothing to do, and one whose event has no row', async () => {
  const [settled, lost] = [newId('poison'), newId('poison')];
  for (const id of [settled, lost]) await running.start(ban(id), keyOf(id));
  for (const id of [settled, lost])
    await running.until(async () => (await running.parkedQueues(keyOf(id))) !== undefined);
  await running.until(async () => (await openIds()).length === 2);
  // Each has continued as new, has read its rows, and waits for a signal: later it does not look at them.
  for (const id of [settled, lost]) await running.until(() => waitsForSignal(keyOf(id)));
  await running.pool.query("update delivery set state = 'delivered' where event_key = $1", [keyOf(settled)]);
  await running.pool.query('delete from event where key = $1', [keyOf(lost)]);
  const { answer } = await reconcile('');
  expect(answer.accepted).toBeNull();
  expect(answer.differences.toSorted((a, b) => b.lacks.localeCompare(a.lacks))).toEqual([
    expect.objectContaining({ lacks: 'unfinished delivery', key: keyOf(settled), lackedBy: ['database'] }),
    expect.objectContaining({ lacks: 'event', key: keyOf(lost), lackedBy: ['database'] }),
  ]);
  for (const id of [settled, lost]) await running.client.workflow.getHandle(keyOf(id)).terminate();
  await running.pool.query('truncate event cascade');
});

it('looks for the events of receipts, too, and says which cluster it could not ask', async () => {
  const file = join(dir, 'receipts.ndjson');
  writeFileSync(file, `{"key":"Agent.Ban/1/of-a-receipt","workflowId":"batch/1"}\n`);
  const env = { TEMPORAL_STANDBY_ADDRESS: '127.0.0.1:1' };
  const { code, stdout, stderr } = await command.ops(`reconcile --from 24h --receipts ${file}`, { env });
  expect([code, stderr]).toEqual([1, expect.stringContaining('Differences: 1.\n')]);
  expect(stdout).toContain('Agent.Ban/1/of-a-receipt');
  expect(stdout).toContain('Workflows of standby were not compared');
  writeFileSync(file, 'Agent.Ban\n');
  expect(await command.ops(`reconcile --from 24h --receipts ${file}`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('line 1: expected a receipt'),
  });
});

it('accounts for events and deliveries per site and hour', async () => {
  const onlyChats = (types: string) =>
    running.pool.query("update connection set event_types = $1 where name = 'endpoint 2'", [types]);
  await onlyChats('{Chat.Ended}');
  const [parked, narrowed, unstarted] = [newId('poison'), newId('narrowed'), newId('unstarted')];
  const journal = mkdtempSync(join(tmpdir(), 'journal-'));
  const publisher = openPublisher(running.config.TEMPORAL_ADDRESS, journal);
  const publish = (by: Publisher, id: string, site: number) =>
    by.publish('Agent.Ban', ban(id, site).data, { id, receivedAt: '2026-11-20T10:59:59.999Z' });
  for (const [id, site] of [[parked, 1], [narrowed, 2], [narrowed, 2]] as const) await publish(publisher, id, site); // prettier-ignore
  await running.until(async () => publisher.status().journal?.entries === 0);
  await publisher.close();
  const cutOff = openPublisher('127.0.0.1:1', journal);
  await publish(cutOff, unstarted, 2);
  await cutOff.close();
  await running.until(async () => (await running.deliveries(keyOf(parked)))['Agent.Ban']?.['state'] === 'parked');
  const states = async () => Object.values(await running.deliveries(keyOf(narrowed, 2))).map((row) => row['state']);
  await running.until(async () => (await states()).join() === 'delivered,delivered');
  const none = { published: null, accepted: null, notRecorded: null };
  const zero = { recorded: 1, refused: 0, filtered: 0, delivered: 0, parked: 0, discarded: 0, pending: 0 };
  const hour = { hour: '2026-11-20T10:00:00Z' };
  const one = { ...hour, ...none, ...zero, siteId: '1', made: 1, parked: 1 };
  const two = { ...hour, ...none, ...zero, siteId: '2', made: 2, filtered: 1, delivered: 2 };
  const account = async (options: string) => {
    const { code, stdout, stderr } = await command.ops(`account ${options} --json`);
    return code === 0 ? JSON.parse(stdout) : { code, stderr };
  };
  const span = '--from 2026-11-20T10:00:00Z --to 2026-11-20T11:00:00Z';
  const total = { ...none, ...zero, siteId: 'all', hour: '', recorded: 2, made: 3, filtered: 1 };
  expect(await account(span)).toEqual({ hours: [one, two], total: { ...total, parked: 1, delivered: 2 } });
  expect(await account(`${span} --site 1`)).toMatchObject({ hours: [one] });
  expect(await account(`--from 2026-11-20T11:00:00Z --to 2026-11-21`)).toMatchObject({ hours: [] });
  expect(await account('--from 1970-01-02 --to 9998-12-31 --site 1')).toMatchObject({ hours: [one] });
  for (const empty of ['account --from 1h --to 24h', 'reconcile --from 30s'])
    expect(await command.ops(empty)).toMatchObject({ code: 1, stderr: expect.stringContaining('--from'), stdout: '' });
  const accepted = await account(`--from 1h --journal ${journal}`);
  expect(accepted.total).toMatchObject({ published: 4, accepted: 3, notRecorded: 1, recorded: 0 });
  await running.pool.query("delete from delivery where event_key = $1 and label = 'Agent.Ban'", [keyOf(narrowed, 2)]);
  expect(await account(span)).toMatchObject({ code: 1, stderr: expect.stringContaining('they have: 1.') });
  await running.client.workflow.getHandle(keyOf(parked)).terminate();
  await onlyChats('{}');
  await running.pool.query('truncate event cascade');
  rmSync(journal, { recursive: true });
}, 120_000);

it('deletes old events by a schedule, once a rule is set; reconcile and account still balance', async () => {
  const [old, young] = [newId('old'), newId('young')];
  for (const id of [old, young]) await (await running.start(ban(id, 2), keyOf(id, 2))).result();
  await running.pool.query(
    `with aged as (update event set recorded_at = recorded_at - interval '31 days' where id = $1 returning key)
     update delivery set settled_at = settled_at - interval '31 days' from aged where event_key = aged.key`,
    [old],
  );
  expect((await command.ops('retention list')).stdout).toContain('Everything is kept for ever');
  expect((await command.ops('retention set agent.ban --days 30')).stdout).toBe('Set: Agent.Ban, 30 days.\n');
  const schedule = running.client.schedule.getHandle('retention');
  await schedule.trigger();
  const pruned = async () => (await running.pool.query('select id from event where pruned_at is not null')).rows;
  await running.until(async () => (await pruned()).length > 0);
  expect(await pruned()).toEqual([{ id: old }]);
  const { stdout } = await command.ops('retention list');
  expect(stdout).toMatch(/^Agent\.Ban +30  stay\nmain: a round every hour, the last /m);
  const { code, answer } = await reconcile('');
  expect([code, answer]).toMatchObject([0, { events: 2, deliveries: 3, differences: [] }]);
  expect(JSON.parse((await command.ops('account --from 1h --json')).stdout).total).toMatchObject({
    made: 6,
    delivered: 6,
  });
  expect((await command.ops(`events show ${keyOf(old, 2)}`)).stdout).toContain('Its data and deliveries were deleted');
  expect(await command.ops('retention remove agent.ban')).toMatchObject({ code: 0 });
  await schedule.delete();
  await running.pool.query('truncate event cascade');
});

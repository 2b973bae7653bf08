import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { DeliveryFailure } from '../activities/failures';
import { restartFailing } from '../activities/maintenance/restart-failing';
import type { Runs } from '../activities/maintenance/runs';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../protocol/constants';
import { ActivityEnvironment } from '../tests/activity-environment';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';
import { makeCurrent } from '../client/worker-releases';
import { createRuns } from './cluster-runs';
import { readClusters } from './clusters';
import { payloadConverterPath } from './create-workers';
import { openKnownClusters } from './known-clusters';
import { restartRun } from './restart-run';
import { startWorker, type RunningWorker } from './start-worker';

let running: ScriptedRun;
let folder: string;
let runs: Runs;
let known: ReturnType<typeof openKnownClusters>;
let worker: RunningWorker | undefined;

const noneIsLost = async () => [];

beforeAll(async () => {
  running = await runScripted();
  folder = await mkdtemp(path.join(tmpdir(), 'changed-release-'));
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../tests/changed-release'),
    payloadConverterPath: require.resolve(payloadConverterPath),
    logger: new DefaultLogger('ERROR'),
  });
  await writeFile(path.join(folder, 'bundle.js'), code);
  known = openKnownClusters(readClusters(running.config), 60_000);
  runs = createRuns('main', known, noneIsLost, { restartAfterMs: 0 });
}, 120_000);

afterAll(async () => {
  await worker?.stop();
  await Promise.all(known.map((cluster) => cluster.close()));
  await running.stop();
  await rm(folder, { recursive: true });
});

/** Ends the worker of the release before. */
async function release(isChanged: boolean): Promise<void> {
  await (worker ?? running.worker).stop();
  const WORKFLOW_BUNDLE = isChanged ? path.join(folder, 'bundle.js') : running.config.WORKFLOW_BUNDLE;
  const { consumers } = running.scripted;
  worker = await startWorker({ ...running.config, WORKFLOW_BUNDLE }, { consumers, log: pino({ level: 'silent' }) });
  await worker.ready;
}

/** A task that fails is tried again when its time is over. */
const start = (id: string) =>
  running.client.workflow.start(WORKFLOW_TYPE, {
    taskQueue: TASK_QUEUE,
    workflowId: keyOf(id),
    args: [ban(id)],
    memo: { contentHash: `hash of ${id}` },
    workflowTaskTimeout: '1 s',
  });

/** A parked run continues as new; another release meets what the new run has done only once that has waited. */
async function untilItWaits({ client, until }: ScriptedRun, workflowId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  await until(async () => {
    const [{ events }, { raw }] = [await handle.fetchHistory(), await handle.describe()];
    const isContinued = !!events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    const hasReadItsRows = events?.some(({ markerRecordedEventAttributes: marker }) => marker);
    return isContinued && hasReadItsRows === true && !raw.pendingWorkflowTask;
  });
}

async function sweepUntilRestarted(workflowId: string): Promise<string> {
  const handle = running.client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  await running.until(async () => (await runs.findFailing(10)).includes(workflowId));
  const counts = { restarted: 0, undone: 0 };
  await new ActivityEnvironment().run(() => restartFailing({ runs, sweepLimit: 10 }, Infinity, counts));
  expect(counts).toEqual({ restarted: 1, undone: 0 });
  const old = await running.client.workflow.getHandle(workflowId, runId).describe();
  expect(old.status.name).toBe('TERMINATED');
  const { memo, staticSummary } = await handle.describe();
  expect([memo, await staticSummary()]).toEqual([old.memo, await old.staticSummary()]);
  return runId;
}

it('a run that a release cannot replay goes on in a fresh history, with the signals that it has not read', async () => {
  const id = newId('poison');
  const key = keyOf(id);
  await start(id);
  await untilItWaits(running, key);
  await release(true);
  await running.repair();
  const handle = running.client.workflow.getHandle(key);
  await handle.signal('redrive', ['Agent.Ban']);
  await sweepUntilRestarted(key);
  expect(await handle.result()).toEqual({ delivered: 1 });
  expect(await running.effects(id)).toBe(1);
  expect(await runs.restartIfFailing({ cluster: 'main', workflowId: key })).toBeUndefined();
});

it('an event that its failing run has not recorded is not lost: the new run has its input', async () => {
  const id = newId('bug');
  await start(id);
  await sweepUntilRestarted(keyOf(id));
  expect(await running.deliveries(keyOf(id))).toEqual({});
  await release(false);
  expect(await running.client.workflow.getHandle(keyOf(id)).result()).toEqual({ delivered: 1 });
  expect(await running.effects(id)).toBe(1);
});

it('a run that was started a short while ago is left to try again by itself', async () => {
  const later = createRuns('main', known, noneIsLost);
  expect(await later.findFailing(10)).toEqual([]);
});

it('after a rollback, a run of the newer release goes on in a fresh history, however young it is', async () => {
  const older = await runScripted({ RELEASE: 'a' });
  const { TEMPORAL_NAMESPACE: namespace } = older.config;
  const { connection } = older.client;
  const WORKFLOW_BUNDLE = path.join(folder, 'bundle.js');
  const settings = { ...older.config, RELEASE: 'b', WORKFLOW_BUNDLE };
  const newer = await startWorker(settings, { consumers: older.scripted.consumers, log: pino({ level: 'silent' }) });
  const current = (name: string) => async () =>
    await makeCurrent(connection, namespace, name).then(
      () => true,
      () => false, // the cluster has not seen it on all queues yet
    );
  try {
    await older.until(current('b'));
    const id = newId('poison');
    const key = keyOf(id);
    await older.client.workflow.start(WORKFLOW_TYPE, {
      taskQueue: TASK_QUEUE,
      workflowId: key,
      args: [ban(id)],
      workflowTaskTimeout: '1 s',
    });
    await untilItWaits(older, key);
    const { runId } = await older.client.workflow.getHandle(key).describe();
    await older.until(current('a'));
    await newer.stop(); // which would go on with a run that it has in its cache
    await older.repair();
    await older.client.workflow.getHandle(key).signal('redrive', ['Agent.Ban']);
    const replaced = older.client.workflow.getHandle(key, runId);
    await older.until(async () => (await replaced.describe()).status.name === 'TERMINATED'); // by the worker's own sweep
    expect(await older.client.workflow.getHandle(key).result()).toEqual({ delivered: 1 });
    expect(await older.effects(id)).toBe(1);
  } finally {
    await newer.stop();
    await older.stop();
  }
});

it('a second sweep that restarts the same run at the same time leaves the new run of the first one alone', async () => {
  const id = newId('twice');
  const key = keyOf(id, 2);
  const inAnHour = () => new DeliveryFailure('Unavailable', 'in an hour', { retryAfterMs: 3_600_000 });
  running.scripted.faults.set(id, [undefined, inAnHour(), inAnHour()]);
  await running.start(ban(id, 2), key);
  const waiting = async () =>
    Object.values(await running.deliveries(key)).filter((row) => row['failure_type'] === 'Unavailable');
  await running.until(async () => (await waiting()).length === 2);
  const handle = running.client.workflow.getHandle(key);
  const { runId } = await handle.describe();
  await restartRun(running.client.workflow, key, runId);
  const fresh = await handle.describe();
  expect(fresh.runId).not.toBe(runId);
  await restartRun(running.client.workflow, key, runId);
  expect((await handle.describe()).runId).toBe(fresh.runId);
  await handle.terminate();
});

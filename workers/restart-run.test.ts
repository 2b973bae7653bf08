import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { restartFailing } from '../activities/maintenance/restart-failing';
import type { Runs } from '../activities/maintenance/runs';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../protocol/constants';
import { ActivityEnvironment } from '../tests/activity-environment';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';
import { createRuns } from './cluster-runs';
import { readClusters } from './clusters';
import { payloadConverterPath } from './create-workers';
import { openKnownClusters } from './known-clusters';
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
  runs = createRuns('main', known, noneIsLost, 0);
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
  await running.until(async () => (await running.parkedQueues(key)) !== undefined);
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

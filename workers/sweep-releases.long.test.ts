import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { makeCurrent, ramp, readWorkerReleases } from '../client/worker-releases';
import { SWEEP_TASK_QUEUE } from '../protocol/constants';
import { runWorker, type Running } from '../tests/running-worker';
import { payloadConverterPath } from './create-workers';
import { startWorker, type RunningWorker } from './start-worker';
import { SWEEP_SCHEDULE } from './sweep-schedule';

const log = pino({ level: 'silent' });
let folder: string;
let older: string;
let running: Running;
let later: RunningWorker | undefined;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'older-release-'));
  older = path.join(folder, 'bundle.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../tests/release-without-sweep-queue'),
    payloadConverterPath: require.resolve(payloadConverterPath),
    logger: new DefaultLogger('ERROR'),
  });
  await writeFile(older, code);
  const { create } = Worker;
  jest.spyOn(Worker, 'create').mockImplementation(async (options) => {
    const { workflowBundle, taskQueue } = options;
    const isOlder = workflowBundle !== undefined && 'codePath' in workflowBundle && workflowBundle.codePath === older;
    if (!isOlder || taskQueue !== SWEEP_TASK_QUEUE) return await create.call(Worker, options);
    const { workerDeploymentOptions: _, ...unversioned } = options;
    return await create.call(Worker, { ...unversioned, taskQueue: 'polled by no other worker' });
  });
}, 120_000);

afterEach(async () => {
  await later?.stop();
  await running.stop();
}, 60_000);

afterAll(() => rm(folder, { recursive: true }));

const startOlder = async (release?: string): Promise<void> => {
  running = await runWorker({ environment: { WORKFLOW_BUNDLE: older, ...(release && { RELEASE: release }) } });
};

const startLater = async (release?: string): Promise<void> => {
  const WORKFLOW_BUNDLE = process.env['WORKFLOW_BUNDLE'];
  later = await startWorker({ ...running.config, WORKFLOW_BUNDLE, RELEASE: release }, { log });
  await later.ready;
};

/** Waits for so many rounds that begin after now and complete. @returns the releases of their workers */
async function releasesOfRounds(count: number): Promise<unknown[]> {
  const since = new Date().toISOString();
  const query = `WorkflowType = "sweepDeliveries" and ExecutionStatus = "Completed" and StartTime > "${since}"`;
  const { workflow } = running.client;
  await running.until(async () => (await workflow.count(query)).count >= count);
  const found = new Set<unknown>();
  for await (const { workflowId, runId } of workflow.list({ query })) {
    const { raw } = await workflow.getHandle(workflowId, runId).describe();
    found.add(raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId);
  }
  return [...found];
}

it('with RELEASE, rounds run on the current release in a roll-out and after its rollback, though the older one lacks their queue', async () => {
  await startOlder('a');
  const { connection } = running.client;
  const namespace = running.config.TEMPORAL_NAMESPACE;
  expect(await releasesOfRounds(2)).toEqual(['a']);

  await startLater('b');
  await running.until(async () => (await readWorkerReleases(connection, namespace))?.releases.length === 2);
  expect(await releasesOfRounds(3)).toEqual(['a']);
  await ramp(connection, namespace, { release: 'b', percent: 50 });
  expect(await releasesOfRounds(10)).toEqual(expect.arrayContaining(['a', 'b']));
  await makeCurrent(connection, namespace, 'b');
  await running.until(async () => (await releasesOfRounds(1))[0] === 'b');
  expect(await releasesOfRounds(3)).toEqual(['b']);

  await makeCurrent(connection, namespace, 'a', true);
  await running.until(async () => (await releasesOfRounds(1))[0] === 'a');
  expect(await releasesOfRounds(3)).toEqual(['a']);
  await later?.stop();
  expect(await releasesOfRounds(3)).toEqual(['a']);
}, 240_000);

it('without RELEASE, rounds go on beside an older worker, and when it is alone again', async () => {
  await startOlder();
  await releasesOfRounds(2);
  // As a state in between has left it, which no worker polls now.
  await running.client.schedule.getHandle(SWEEP_SCHEDULE).update(({ action, ...rest }) => ({
    ...rest,
    action: { ...action, taskQueue: SWEEP_TASK_QUEUE },
  }));
  await startLater();
  await releasesOfRounds(5);
  await later?.stop();
  await releasesOfRounds(3);
}, 240_000);

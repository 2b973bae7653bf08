import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findWorkflowBundle, payloadConverterPath } from '../../workers/create-workers';

const files = readdirSync(__dirname).filter((name) => name.endsWith('.json'));
let workflowBundle: WorkflowBundleOption;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await findWorkflowBundle(process.env['WORKFLOW_BUNDLE']);
}, 60_000);

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(__dirname, file), 'utf8'));

async function replay(history: unknown): Promise<void> {
  const dataConverter = { payloadConverterPath: require.resolve(payloadConverterPath) };
  await Worker.runReplayHistory({ workflowBundle, dataConverter }, historyFromJSON(history));
}

it('has a history of every way a run can go', () => {
  const ways = files.map((file) => file.replace(/^v\d+-|\.json$/g, ''));
  const expected = ['delivered', 'retried', 'parked-and-redriven', 'parked-and-redriven-2', 'discarded-at-once', 'refused', 'ride-of-three', 'ride-with-one-parked', 'large', 'large-2', 'ride-of-large', 'ride-of-large-2', 'one-label', 'cancelled-at-once', 'thirty-days', 'ride-two-hours', 'ride-six-minutes', 'sweep', 'taken-over', 'resumed', 'recorded-events', 'changed-by-updates', 'changed-by-updates-2'];
  expect(ways).toEqual(expect.arrayContaining(expected));
});

it.each(files)('replays %s as it was played', async (file) => {
  await replay(read(file));
});

it('notices a history that this workflow would not have made', async () => {
  const history = read('v1-delivered.json') as { events: { activityTaskScheduledEventAttributes?: { activityId: string } }[] };
  for (const { activityTaskScheduledEventAttributes: scheduled } of history.events) {
    if (scheduled) scheduled.activityId = 'Another.Queue';
  }
  await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
});

import { Connection, ScheduleClient, WorkflowClient } from '@temporalio/client';
import { pino } from 'pino';
import { ClusterHealth } from '../client/cluster-health';
import { freshNamespace } from '../tests/fresh-namespace';
import { ensureSweepSchedule, inspectSweepSchedule, SWEEP_SCHEDULE, type SweepStanding } from './sweep-schedule';
import { watchSweep } from './watch-sweep';

const config = { SWEEP_EVERY_SECONDS: 3600 };
const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';

let connection: Connection;
let fresh: Awaited<ReturnType<typeof freshNamespace>>;
let schedules: ScheduleClient;

beforeAll(async () => {
  connection = await Connection.connect({ address });
  fresh = await freshNamespace();
  schedules = new ScheduleClient({ connection, namespace: fresh.namespace });
}, 60_000);

afterAll(async () => {
  await fresh.close();
  await connection.close();
});

const lines: string[] = [];
let onStanding: (standing: SweepStanding) => void = () => {};

/** Resolves when a look has found the schedule so. */
const found = (state: SweepStanding['state']) =>
  new Promise<string>((resolve) => {
    onStanding = (standing) => standing.state === state && resolve(standing.says);
  });

it('makes a schedule that is missing, and says of one that is paused or changed what is wrong, until it is mended', async () => {
  const stopping = new AbortController();
  const health = new ClusterHealth({ name: 'main', address });
  const client = new WorkflowClient({ connection, namespace: fresh.namespace });
  const missing = found('missing');
  const watching = watchSweep({
    clusters: [{ name: 'main', client, health }],
    config,
    log: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }),
    onStanding: (_, standing) => onStanding(standing),
    signal: stopping.signal,
    everyMs: 50,
  });
  await missing;
  await found('ok');

  const handle = schedules.getHandle(SWEEP_SCHEDULE);
  await handle.pause('for the holidays');
  expect(await found('paused')).toBe('the schedule "sweep" is paused (for the holidays)');
  await handle.unpause();
  await found('ok');

  await handle.update((one) => ({ ...one, state: { ...one.state, remainingActions: 0 } }));
  expect(await found('paused')).toContain('no actions left');
  await handle.update((one) => ({ ...one, state: { paused: false } }));
  await handle.update((one) => ({ ...one, policies: { ...one.policies, overlap: 'ALLOW_ALL' } }));
  expect(await found('other')).toContain('not as a worker of this version');
  await ensureSweepSchedule(schedules, config);
  await found('ok');
  expect(await inspectSweepSchedule(schedules, { SWEEP_EVERY_SECONDS: 60 })).toMatchObject({ state: 'other' });

  stopping.abort();
  await watching;
  await health.close();
  // Once for each change, however often it looked.
  expect(lines.map((line) => (JSON.parse(line) as { found: string }).found.slice(0, 30))).toEqual([
    'there is no schedule "sweep"',
    'the schedule "sweep" is paused',
    'the schedule "sweep" has no ac',
    'the schedule "sweep" is not as',
  ]);
}, 60_000);

import { pino } from 'pino';
import { startTemporal } from '../stack/start-temporal';
import { openOpsCommand } from '../tests/ops-command';
import { runWorker, type Running } from '../tests/running-worker';
import { startWorker, type RunningWorker } from '../workers/start-worker';

const log = pino({ level: 'silent' });
const ban = (id: string) => ({ type: 'Agent.Ban', id, data: { SiteId: 1, BanType: 0, IpFromOrVisitorId: 9 } });

/** The release that has worked on a new event. */
async function releaseOf({ start, client }: Running, id: string): Promise<string | undefined> {
  const run = await start(ban(id));
  await run.result();
  const { raw } = await client.workflow.getHandle(run.workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}

it('gives the tasks to the first release by itself, and later to the one that the operator names', async () => {
  const running = await runWorker({ environment: { RELEASE: 'a' } });
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = running.config;
  const { ops, close } = await openOpsCommand({ TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE });
  const list = async (): Promise<unknown[]> => JSON.parse((await ops('releases list --json')).stdout);
  const succeeds = async (args: string) => {
    const { code, stderr } = await ops(args);
    return code === 0 && stderr === '';
  };
  let second: RunningWorker | undefined;
  try {
    await running.pool.query(
      "insert into subscription (data_queue, event_type, consumer) values ('Agent.Ban', 'Agent.Ban', 'persistence')",
    );
    expect(await list()).toMatchObject([{ cluster: 'main', release: 'a', state: 'current', percent: 100 }]);
    expect(await releaseOf(running, 'one')).toBe('a');

    second = await startWorker({ ...running.config, RELEASE: 'b' }, { log });
    await second.ready;
    await running.until(() => succeeds('releases current b')); // once the cluster has seen it on all queues
    expect(await releaseOf(running, 'two')).toBe('b');
    expect(await list()).toMatchObject([
      { release: 'b', state: 'current' },
      { release: 'a', percent: 0 },
    ]);

    const proposal = expect.stringContaining(
      'main: b is current; before it, a was: "releases rollback a".\nNothing is changed.',
    );
    expect(await ops('releases rollback')).toMatchObject({ code: 1, stderr: proposal });
    expect(await succeeds('releases rollback a')).toBe(true);
    expect(await succeeds('releases rollback a')).toBe(true); // as after a cluster that did not answer
    expect(await releaseOf(running, 'three')).toBe('a');
    await succeeds('releases ramp b 100');
    expect(await releaseOf(running, 'four')).toBe('b');
    const ofRamp = expect.stringContaining('main: b is ramping; "releases rollback a" ends that.');
    expect(await ops('releases rollback')).toMatchObject({ code: 1, stderr: ofRamp });
    expect(await succeeds('releases rollback a')).toBe(true);
    expect(await releaseOf(running, 'five')).toBe('a');
    expect(await list()).toMatchObject([
      { release: 'b', percent: 0 },
      { release: 'a', percent: 100 },
    ]);

    const doctor = await ops('doctor --json', { env: { RELEASE: 'b' } });
    expect(JSON.parse(doctor.stdout)).toContainEqual(
      expect.objectContaining({ check: 'worker versioning', state: 'warn', found: 'b gets no tasks; current: a' }),
    );
    expect(await ops('releases current c')).toMatchObject({ code: 1, stderr: expect.stringContaining('main: ') });
    expect(await succeeds('releases rollback none')).toBe(true);
    expect((await list())[0]).toMatchObject({ release: 'none', state: 'current', percent: 100 });
  } finally {
    await second?.stop();
    await running.stop();
    await close();
  }
}, 240_000);

it('works as without a release where the cluster has no Worker Versioning, and doctor says so', async () => {
  const temporal = await startTemporal({ dynamicConfig: { 'system.enableDeploymentVersions': false } });
  const running = await runWorker({ environment: { RELEASE: 'a', TEMPORAL_ADDRESS: temporal.address } });
  const { TEMPORAL_NAMESPACE } = running.config;
  const { ops, close } = await openOpsCommand({ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE, RELEASE: 'a' });
  try {
    expect(await releaseOf(running, 'one')).toBeUndefined();
    const { stdout } = await ops('doctor --json');
    const found = expect.stringContaining('disabled in the namespace');
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ check: 'worker versioning', state: 'warn', found }),
    );
    const { stdout: list } = await ops('releases list --json');
    expect(JSON.parse(list)).toMatchObject([{ release: 'none', state: 'current', percent: 100 }]);
    const refused = { code: 1, stderr: expect.stringContaining('No cluster has Worker Versioning') };
    expect(await ops('releases current a')).toMatchObject(refused);
  } finally {
    await running.stop();
    await close();
    await temporal.stop();
  }
}, 120_000);

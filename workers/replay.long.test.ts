import { RawValue } from '@temporalio/common';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { runWorker } from '../tests/running-worker';

const run = promisify(execFile);
const ban = { type: 'Agent.Ban', id: 'replayed', data: { SiteId: 1, BanType: 0, IpFromOrVisitorId: 4711 } };

interface Replayed {
  readonly kind: string;
  readonly problem: string | null;
}

/** What the command says, and how it ends. */
async function replay(
  env: NodeJS.ProcessEnv,
  ...names: readonly string[]
): Promise<{ code: number; printed: string; runs: Replayed[] }> {
  const command = ['--import', 'tsx', 'workers/replay.ts', ...names, '--json'];
  const ended = run(process.execPath, command, { env: { ...process.env, ...env } });
  const { code, stdout } = await ended.then(
    (done) => ({ code: 0, stdout: done.stdout }),
    (error: { code: number; stdout: string }) => error, // as execFile rejects
  );
  return { code, printed: stdout, runs: JSON.parse(stdout) as Replayed[] };
}

it('replays the runs of a cluster with this code, and prints nothing that events say', async () => {
  const running = await runWorker();
  try {
    await running.pool.query(
      "insert into subscription (data_queue, event_type, consumer) values ('Agent.Ban', 'Agent.Ban', 'persistence')",
    );
    const started = await running.start(ban);
    await started.result();
    const unreadable = { metadata: { encoding: Buffer.from('binary/other') }, data: Buffer.from('x') };
    const memo = { note: RawValue.fromPayload(unreadable) };
    const asked = { taskQueue: 'chat-events', workflowId: 'asked', args: [[]], memo };
    await (await running.client.workflow.start('recordedEvents', asked)).result();
    const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = running.config;
    const env = { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE };
    await running.until(async () => (await replay(env)).runs.length > 2); // the store of the lists is a little late
    const { code, printed, runs } = await replay(env);
    expect({ code, problems: runs.filter(({ problem }) => problem !== null) }).toEqual({ code: 0, problems: [] });
    expect(new Set(runs.map(({ kind }) => kind))).toEqual(new Set(['closed', 'sweepDeliveries', 'recordedEvents']));
    expect(printed).not.toContain('4711');
    const one = await replay(env, started.workflowId);
    expect(one).toMatchObject({
      code: 0,
      runs: [{ workflowId: started.workflowId, kind: 'named', problem: null }],
    });
    await expect(replay(env, 'Agent.Ban/1/unknown')).rejects.toThrow('end of JSON'); // it prints none
  } finally {
    await running.stop();
  }
}, 300_000);

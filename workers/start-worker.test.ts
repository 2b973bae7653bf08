import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { startPostgres } from '../stack/start-postgres';
import { startTemporal } from '../stack/start-temporal';
import { runWorker } from '../tests/running-worker';
import { readConfig } from './config';
import { startWorker } from './start-worker';

const log = pino({ level: 'silent' });
const get = async (port: number, path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
};
const until = async (isSo: () => Promise<boolean>) => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
};

it('serves health, readiness and metrics, the SDK’s among them, and logs one line per attempt', async () => {
  const lines: string[] = [];
  const running = await runWorker({ log: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }) });
  const { port } = running.worker;
  await running.pool.query(
    "insert into subscription (data_queue, event_type, consumer) values ('Agent.Ban', 'Agent.Ban', 'persistence')",
  );
  const data = { SiteId: 1, BanType: 0, IpFromOrVisitorId: 4711, Comment: 'personal-marker' };
  await (await running.start({ type: 'Agent.Ban', id: 'one', data })).result();
  expect(await get(port, '/healthz')).toEqual({ status: 200, text: 'ok\n' });
  const ready = await get(port, '/readyz');
  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.text)).toEqual({ ready: true, database: true, clusters: { main: { ready: true } } });
  const { text } = await get(port, '/metrics');
  expect(text).toContain(
    'chat_events_delivery_attempts_total{cluster="main",data_queue="Agent.Ban",consumer="persistence",outcome="delivered",failure=""} 1',
  );
  expect(text).toContain('temporal_');
  expect(text).toContain('chat_events_delivery_latency_seconds_count{data_queue="Agent.Ban"} 1');
  expect(text).toContain('chat_events_events_total{cluster="main",outcome="refused"} 0');
  expect(await get(port, '/else')).toMatchObject({ status: 404 });
  const attempts = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'delivery attempted');
  expect(attempts).toHaveLength(1);
  expect(attempts[0]).toMatchObject({
    eventKey: 'Agent.Ban/1/one',
    dataQueue: 'Agent.Ban',
    consumer: 'persistence',
    attempt: 1,
    outcome: 'delivered',
  });
  expect(lines.join('') + text).not.toMatch(/personal-marker|4711/);
  expect(lines.map((line) => JSON.parse(line)).filter(({ sdkComponent }) => sdkComponent === 'worker')).toEqual([]);
  await running.stop();
  await expect(get(port, '/healthz')).rejects.toThrow('fetch failed');
});

it('waits for servers that are not up yet, and takes no work while the database does not answer', async () => {
  const [postgres, temporal] = await Promise.all([startPostgres(), startTemporal()]);
  try {
    await Promise.all([postgres.kill(), temporal.kill()]);
    const worker = await startWorker(
      readConfig({
        DATABASE_URL: postgres.url,
        TEMPORAL_ADDRESS: temporal.address,
        WORKER_PORT: '0',
        WORKFLOW_BUNDLE: process.env['WORKFLOW_BUNDLE'],
        SHUTDOWN_GRACE_SECONDS: '1',
      }),
      { log },
    );
    const isReady = async () => (await get(worker.port, '/readyz')).status === 200;
    const reason = () => worker.readiness().clusters['main']?.reason;
    await until(async () => /^the database does not answer; the cluster: (?!starting)/.test(reason() ?? ''));
    expect(await isReady()).toBe(false);
    await postgres.restart();
    expect(await isReady()).toBe(false);
    await temporal.restart();
    await worker.ready;
    await until(isReady);
    await postgres.kill();
    await until(async () => !(await isReady()));
    await postgres.restart();
    await until(isReady);
    await temporal.kill();
    await until(async () => !(await isReady()));
    await temporal.restart();
    await until(isReady);
    await worker.stop();
  } finally {
    await Promise.all([postgres.stop(), temporal.stop()]);
  }
}, 120_000);

it('ends with WrongCluster when the namespace belongs to another cluster', async () => {
  const namespace = `chat-${randomUUID()}`;
  const first = await runWorker({ environment: { TEMPORAL_NAMESPACE: namespace } });
  const second = await startWorker({ ...first.config, TEMPORAL_CLUSTER_NAME: 'standby' }, { log });
  await expect(second.done).rejects.toMatchObject({ name: 'WrongCluster' });
  await first.stop();
});

it('says which port is taken', async () => {
  const first = await runWorker();
  const second = startWorker({ ...first.config, WORKER_PORT: first.worker.port }, { log });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await first.stop();
});

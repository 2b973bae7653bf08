import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { sealNotify } from '../activities/connections/notify-secret';
import { createSecretBox, newSecretsKey } from '../activities/connections/secret-box';
import { EXAMPLE_SECRET, startWebhookReceiver } from '../activities/consumers/webhook/fake';
import { DeliveryFailure } from '../activities/failures';
import { saveNotify } from '../db/connection-notices';
import { insertConnection } from '../db/connections';
import { onPool } from '../db/tx';
import { metricsOf, readAlerts, readPanelExpressions } from '../tests/alert-expressions';
import { runWorker } from '../tests/running-worker';
import { scriptedConsumers } from '../tests/scripted-consumers';
import { startWorker } from './start-worker';

const log = pino({ level: 'silent' });
const get = async (port: number, path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
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

it('says whose the namespace is, holds back what a filter does not take, and tells a site that its connection broke', async () => {
  const hook = await startWebhookReceiver({ fault: () => ({ status: 410 }) });
  const told = await startWebhookReceiver();
  const key = newSecretsKey();
  const running = await runWorker({ environment: { SECRETS_KEY: key, ALLOWED_ADDRESSES: '127.0.0.1' } });
  const { pool, config } = running;
  const installation = running.worker.installation();
  const { namespaceInfo } = await running.client.workflowService.describeNamespace({
    namespace: config.TEMPORAL_NAMESPACE,
  });
  expect([installation, namespaceInfo?.data?.['chat-events.installation']]).toEqual([
    expect.stringMatching(/^[0-9a-f-]{36}$/),
    installation,
  ]);
  const [box, id] = [createSecretBox(key), randomUUID()];
  const { bytes, keyId } = box.seal(id, { secret: EXAMPLE_SECRET });
  const limits = { eventTypes: [], maxInFlight: 10, ratePerSecond: null };
  const sealed = { secrets: bytes, secretsKeyId: keyId };
  const named = { id, siteId: '1', consumer: 'webhook', name: 'crm' };
  await insertConnection(onPool(pool), { ...named, config: { url: hook.url }, ...limits, ...sealed });
  await saveNotify(onPool(pool), id, sealNotify(box, id, told.url, EXAMPLE_SECRET));
  await pool.query(`insert into subscription (data_queue, event_type, consumer, filter)
    values ('Agent.Ban.Hook', 'Agent.Ban', 'webhook', '{"comment":{"$exist":true}}')`);
  const ban = { SiteId: 1, BanType: 0, IpFromOrVisitorId: 4711 };
  await (await running.start({ type: 'Agent.Ban', id: 'filtered', data: ban })).result();
  await running.start({ type: 'Agent.Ban', id: 'sent', data: { ...ban, Comment: 'spam' } }, 'Agent.Ban/1/sent');
  while (told.arrivals.length === 0) await told.next('arrival');
  expect(JSON.parse(told.arrivals[0]?.body ?? '')).toMatchObject({
    type: 'connection.broken',
    data: { connection: named, reason: expect.stringContaining('answers 410') },
  });
  const counts = await pool.query('select id, delivery_count, filtered_count from event order by id');
  expect(counts.rows).toEqual([
    { id: 'filtered', delivery_count: 0, filtered_count: 1 },
    { id: 'sent', delivery_count: 1, filtered_count: 0 },
  ]);
  expect(hook.arrivals).toHaveLength(1);
  await running.stop();
  await Promise.all([hook.close(), told.close()]);
});

/** Largest value of each metric of ours; of a histogram, its count. */
async function valuesOf(port: number): Promise<Map<string, number>> {
  const { text } = await get(port, '/metrics');
  const values = new Map<string, number>();
  for (const [, name = '', value] of text.matchAll(/^(chat_events_\w+?)(?:_count)?(?:\{[^}]*\})? (\S+)$/gm))
    values.set(name, Math.max(values.get(name) ?? -Infinity, Number(value)));
  return values;
}

it('every metric of its own that alerts and dashboard use moves when there is something to tell', async () => {
  const scripted = scriptedConsumers();
  const { webhook } = scripted.consumers;
  const running = await runWorker({ consumers: { webhook } });
  const { worker, pool } = running;
  const ofAlerts = [...readAlerts().values()].flat().map(({ expr }) => expr);
  const used = metricsOf([...ofAlerts, ...readPanelExpressions()]).filter((name) =>
    /^chat_events_(?!publisher)/.test(name),
  );
  const before = await valuesOf(worker.port);
  await pool.query(
    "insert into subscription (data_queue, event_type, consumer) values ('Agent.Ban', 'Agent.Ban', 'webhook')",
  );
  await pool.query(`insert into connection (site_id, consumer, name, config, ends_at, event_types, state, broken_reason, broken_since) values
    ('1', 'webhook', 'a', '{}', now() + interval '9 days', '{}', 'ok', null, null),
    ('2', 'webhook', 'b', '{}', null, '{}', 'broken', 'why', now())`);
  const failure = (type: 'Unavailable' | 'Rejected', details = {}) =>
    new DeliveryFailure(type, type, { details, retryAfterMs: 1 });
  scripted.faults.set('again', [failure('Unavailable', { code: 'NO_ANSWER' })]);
  scripted.faults.set('parked', [failure('Rejected')]);
  const ban = (id: string) => ({ type: 'Agent.Ban', id, data: { SiteId: 1, BanType: 0, IpFromOrVisitorId: 4711 } });
  await (await running.start(ban('again'), 'Agent.Ban/1/again')).result();
  await running.start(ban('parked'), 'Agent.Ban/1/parked');
  await (await running.start({ type: 'Agent.Ban', data: {} })).result().catch(() => {}); // refused
  await running.until(
    async () => (await running.deliveries('Agent.Ban/1/parked'))['Agent.Ban']?.['state'] === 'parked',
  );
  // Of a cluster that this worker does not know, and whose deliveries it leaves alone.
  await pool.query(`insert into delivery (id, event_key, data_queue, label, consumer, site_id, owner_cluster, owner_workflow_id,
                                          due_at, look_at)
    select gen_random_uuid(), key, 'Late', 'Late', 'webhook', site_id, 'elsewhere', 'w', 'epoch', 'epoch' from event limit 1`);
  // Its connection works again: the sweep sends it.
  await pool.query(`insert into delivery (id, event_key, data_queue, label, consumer, site_id, connection_id, owner_cluster, owner_workflow_id,
                                          state, failure_type, look_at, settled_at)
    select gen_random_uuid(), 'Agent.Ban/1/again', 'Agent.Ban', 'Agent.Ban#2', 'webhook', '1', id, 'main', 'Agent.Ban/1/again',
           'parked', 'ConnectionBroken', 'infinity', now() from connection where name = 'a'`);
  await pool.query("update gauges_reading set begun_at = 'epoch'");
  await running.until(async () => {
    const now = await valuesOf(worker.port);
    return used.every((name) => now.has(name) && (STEADY.includes(name) || now.get(name) !== before.get(name)));
  });
  await running.stop();
});

/** They tell that something is as it should be. */
const STEADY = ['chat_events_ready', 'chat_events_free_slots', 'chat_events_sweep_scheduled'];

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

import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { createSecretBox, newSecretsKey } from '../../activities/connections/secret-box';
import { consumerNames } from '../../activities/consumers';
import { EXAMPLE_SECRET, startWebhookReceiver } from '../../activities/consumers/webhook/fake';
import { messageId } from '../../activities/consumers/webhook/message';
import { insertConnection } from '../../db/connections';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { catalogue } from '../../events/catalogue';
import { freePort } from '../../stack/free-port';
import { startStack } from '../../stack/start-stack';
import { compiled } from '../compiled';
import { makeIngressFolder } from '../ingress-environment';
import { endWorkerProcess, startWorkerProcess } from '../worker-process';

const chat = JSON.stringify(catalogue['Chat.Ended'].example);

/** A sidecar in a process of its own; resolves when it answers. */
async function startSidecar(environment: Record<string, string>): Promise<ChildProcess> {
  const env = { ...process.env, LOG_LEVEL: 'error', ...environment };
  const child = spawn(process.execPath, [compiled('ingress/main')], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const isUp = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${environment['INGRESS_PORT']}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(`The sidecar ended with ${child.exitCode}.`);
    await pause(50);
  }
  return child;
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

async function connectWebhook(pool: ReturnType<typeof createPool>, key: string, url: string): Promise<void> {
  const id = randomUUID();
  const { bytes, keyId } = createSecretBox(key).seal(id, { secret: EXAMPLE_SECRET });
  const limits = { eventTypes: [], maxInFlight: 100, ratePerSecond: null };
  const sealed = { secrets: bytes, secretsKeyId: keyId };
  await insertConnection(onPool(pool), {
    id,
    siteId: '10001',
    consumer: 'webhook',
    name: 'hook',
    config: { url },
    ...limits,
    ...sealed,
  });
}

it('with both clusters and the database down it answers 202, and after SIGKILL every 202 is delivered, once', async () => {
  const folder = makeIngressFolder();
  const [port, temporal, standby] = [await freePort(), await freePort(), await freePort()];
  const clusters = { TEMPORAL_ADDRESS: `127.0.0.1:${temporal}`, TEMPORAL_STANDBY_ADDRESS: `127.0.0.1:${standby}` };
  const environment = { ...folder.environment, ...clusters, INGRESS_PORT: String(port) };
  const first = await startSidecar(environment);
  const accepted: string[] = [];
  const publishOn = async (): Promise<void> => {
    for (;;) {
      const headers = { authorization: `Bearer ${folder.token}`, 'content-type': 'application/json' };
      const id = randomUUID();
      const answer = await fetch(`http://127.0.0.1:${port}/v1/events/Chat.Ended`, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': id },
        body: chat,
      }).catch(() => undefined); // it was killed
      if (answer === undefined) return;
      expect(answer.status).toBe(202);
      accepted.push(id);
      if (accepted.length === 300) first.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: 8 }, publishOn));
  expect(accepted.length).toBeGreaterThanOrEqual(300);

  const sidecar = await startSidecar(environment);
  const receiver = await startWebhookReceiver();
  const stack = await startStack({
    availableConsumers: consumerNames,
    withStandby: true,
    ports: { temporal, standby },
  });
  const pool = createPool(stack.postgres.url);
  const key = newSecretsKey();
  await connectWebhook(pool, key, receiver.url);
  const worker = await startWorkerProcess({
    ...clusters,
    DATABASE_URL: stack.postgres.url,
    SECRETS_KEY: key,
    ALLOWED_ADDRESSES: '127.0.0.1',
    SHUTDOWN_GRACE_SECONDS: '2',
  });
  try {
    const keyOf = (id: string): string => `Chat.Ended/10001/${id}`;
    const wanted = accepted.map((id) => messageId(keyOf(id)));
    const entries = async (): Promise<number> => {
      const status = (await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()) as {
        journal: { entries: number };
      };
      return status.journal.entries;
    };
    const undelivered = async (): Promise<number> =>
      (await pool.query("select 1 from delivery where state <> 'delivered'")).rowCount ?? 0;
    const missing = (): string[] => {
      const arrived = new Set(receiver.arrivals.map(({ id }) => id));
      return wanted.filter((id) => !arrived.has(id));
    };
    while (missing().length > 0 || (await entries()) > 0 || (await undelivered()) > 0) await pause(100);
    const ids = receiver.arrivals.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const { rows } = await pool.query('select key from event');
    const recorded = rows.map((row) => row.key as string);
    expect(recorded).toEqual(expect.arrayContaining(accepted.map(keyOf)));
    expect(recorded).toHaveLength(ids.length);
  } finally {
    await end(sidecar, 'SIGTERM');
    await endWorkerProcess(worker, 'SIGTERM');
    await pool.end();
    await stack.stop();
    await receiver.close();
    folder.remove();
  }
  expect(sidecar.exitCode).toBe(0);
}, 300_000);

import { resolve } from 'node:path';
import { pino } from 'pino';
import { createConsumers } from '../activities/consumers';
import { saveEvents } from '../db/domain/save-events';
import { saveTickets } from '../db/tickets/save-tickets';
import { readClusters } from '../workers/clusters';
import { readConfig } from '../workers/config';
import { startWorker, type RunningWorker } from '../workers/start-worker';
import { freePort } from './stack/free-port';
import { ensureSecretsKey } from './stack/secrets-key';
import { allServed } from './stack/all-served';
import { claimStack, type RunningCluster } from './stack/stack-file';
import { startStack, type Stack } from './stack/start-stack';
import { stopSignal } from './stop-signal';

const dataDir = '.data';
const workerLog = `${dataDir}/worker.log`;
const secretsKeyFile = `${dataDir}/secrets.key`;
/** Where people look first. Whatever is taken is replaced by a free one. */
const ports = { postgres: 5432, temporal: 7233, ui: 8233, standby: 7234, standbyUi: 8234, worker: 9464 };

/**
 * `npm start`: the whole stack on this machine, with main and standby, kept until Ctrl-C; its data stays for the next start. With a
 * TEMPORAL_ADDRESS there is no standby but the one of TEMPORAL_STANDBY_ADDRESS.
 */
async function main(): Promise<void> {
  const stopping = stopSignal();
  const claim = await claimStack();
  try {
    console.log('Starting PostgreSQL, two Temporal clusters and a worker ...');
    const { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: own, TEMPORAL_STANDBY_ADDRESS: ownStandby } = process.env;
    const stack = await startStack({
      dataDir,
      availableConsumers: Object.keys(createConsumers({ saveEvents, saveTickets })),
      databaseUrl,
      temporalAddress: own,
      withStandby: !own || Boolean(ownStandby),
      standbyAddress: ownStandby,
      headless: false,
      ports,
    });
    try {
      await serve(stack, stopping, claim.announce);
    } finally {
      await stack.stop();
    }
  } finally {
    await claim.release();
  }
  console.log(`Stopped. The data is in ${dataDir}/.`);
}

type Announce = Awaited<ReturnType<typeof claimStack>>['announce'];

async function serve(stack: Stack, stopping: Promise<unknown>, announce: Announce): Promise<void> {
  const largeEventsDir = process.env['LARGE_EVENTS_DIR'] || resolve(stack.largeEventsDir);
  const ownKey = !process.env['SECRETS_KEY'];
  const config = readConfig({
    WORKER_PORT: String(await freePort(ports.worker)),
    ...process.env,
    LARGE_EVENTS_DIR: largeEventsDir,
    ...(ownKey && { SECRETS_KEY: await ensureSecretsKey(secretsKeyFile) }),
    DATABASE_URL: stack.postgres.url,
    TEMPORAL_ADDRESS: stack.temporal.address,
    TEMPORAL_STANDBY_ADDRESS: stack.standby?.address,
  });
  const worker = await startWorker(config, { log: pino({ level: config.LOG_LEVEL }, pino.destination(workerLog)) });
  try {
    await Promise.race([allServed(worker), worker.done, stopping]);
    const servers = [stack.temporal, stack.standby];
    const clusters = readClusters(config).map(({ name, address, namespace }, i) => {
      return { name, address, namespace, uiUrl: servers[i]?.uiUrl ?? null };
    });
    await announce({
      clusters,
      databaseUrl: stack.postgres.url,
      secretsKeyFile: ownKey ? secretsKeyFile : null,
      largeEventsDir,
      workerPort: worker.port,
    });
    console.log(whatRuns(stack, worker, clusters));
    await Promise.race([worker.done, stopping]);
    console.log('\nStopping: the worker finishes what it has in hand ...');
  } finally {
    await worker.stop();
  }
}

function whatRuns(
  { postgres, applied, paused }: Stack,
  worker: RunningWorker,
  clusters: readonly RunningCluster[],
): string {
  const { host, pathname } = new URL(postgres.url);
  const lines = [
    ...clusters.map(({ name, uiUrl, namespace }, i) => {
      const address = uiUrl === null ? 'none: it was not started here' : `${uiUrl}/namespaces/${namespace}/workflows`;
      return `  ${i === 0 ? 'Web UI' : '      '}      ${address}  (${name})`;
    }),
    `  Temporal    ${clusters.map(({ name, address }) => `${name} ${address}`).join(', ')}`,
    `  PostgreSQL  ${host}${pathname} (whole address in ${dataDir}/stack.json)`,
    `  Worker      http://127.0.0.1:${worker.port}/healthz /readyz /metrics, log in ${workerLog}`,
    ...otherPorts(clusters, host),
  ];
  if (applied.length > 0) lines.push(`  Applied ${applied.length} migrations.`);
  if (paused.length > 0) lines.push(`  Paused, as this version has no consumer for them: ${paused.join(', ')}.`);
  lines.push('', 'Publish:  npm run publish-event -- Chat.Ended event.json', 'Stop:     Ctrl-C (the data stays)');
  return ['', 'Running:', ...lines].join('\n');
}

/** Says which of the usual ports were taken by something else. */
function otherPorts(clusters: readonly RunningCluster[], postgresHost: string): string[] {
  const wanted: readonly (readonly [number, string | undefined])[] = [
    [ports.temporal, process.env['TEMPORAL_ADDRESS'] ? undefined : clusters[0]?.address],
    [ports.standby, process.env['TEMPORAL_STANDBY_ADDRESS'] ? undefined : clusters[1]?.address],
    [ports.postgres, process.env['DATABASE_URL'] ? undefined : postgresHost],
  ];
  const taken = wanted.flatMap(([port, got]) => (got === undefined || got.endsWith(`:${port}`) ? [] : [port]));
  return taken.length === 0 ? [] : [`  (Taken by another program: ${taken.join(', ')}.)`];
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

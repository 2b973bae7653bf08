import { resolve } from 'node:path';
import { pino } from 'pino';
import { consumerNames } from '../activities/consumers';
import { readClusters } from '../workers/clusters';
import { readConfig, type WorkerConfig } from '../workers/config';
import { startWorker } from '../workers/start-worker';
import { freePort } from '../stack/free-port';
import { keepUp } from '../stack/keep-up';
import { ensureSecretsKey } from '../stack/secrets-key';
import { allServed } from '../stack/all-served';
import { claimStack, clusterVariables, type RunningCluster } from '../stack/stack-file';
import { startStack, type Stack } from '../stack/start-stack';
import { takenPorts } from '../stack/taken-ports';
import { stopSignal } from '../stack/stop-signal';
import { startSidecar, type Sidecar } from './start-sidecar';
import { startWatchedWorker, type LocalWorker } from './watched-worker';

const isDev = process.argv.includes('--dev');
const dataDir = '.data';
const workerLog = `${dataDir}/worker.log`;
const secretsKeyFile = `${dataDir}/secrets.key`;
/** The usual ports of these servers. A port that another program has is replaced by a free one. */
const ports = { postgres: 5432, temporal: 7233, ui: 8233, standby: 7234, standbyUi: 8234, worker: 9464, sidecar: 8787 };

/**
 * `npm start`: the whole stack on this machine, with main, standby and a sidecar, kept until Ctrl-C; its data stays for the next start. With a
 * TEMPORAL_ADDRESS there is no standby but the one of TEMPORAL_STANDBY_ADDRESS. `npm run dev`: its worker starts again when a file changes.
 */
async function main(): Promise<void> {
  const stopping = stopSignal();
  const claim = await claimStack();
  try {
    console.log('Starting PostgreSQL, two Temporal clusters, a worker and a sidecar ...');
    const { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: own, TEMPORAL_STANDBY_ADDRESS: ownStandby } = process.env;
    const stack = await startStack({
      dataDir,
      availableConsumers: consumerNames,
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
  const allowedAddresses = process.env['ALLOWED_ADDRESSES'];
  const environment = {
    WORKER_PORT: String(await freePort(ports.worker)),
    ...process.env,
    LARGE_EVENTS_DIR: largeEventsDir,
    ...(ownKey && { SECRETS_KEY: await ensureSecretsKey(secretsKeyFile) }),
    DATABASE_URL: stack.postgres.url,
    TEMPORAL_ADDRESS: stack.temporal.address,
    TEMPORAL_STANDBY_ADDRESS: stack.standby?.address,
  };
  const config = readConfig(environment);
  const worker = isDev
    ? await startWatchedWorker(environment, config.WORKER_PORT, workerLog)
    : await startOwnWorker(config);
  const ending = new AbortController();
  let sidecar: Sidecar | undefined;
  let kept: Promise<unknown> | undefined;
  try {
    await Promise.race([worker.served, worker.done, stopping]);
    const servers = [stack.temporal, stack.standby];
    const clusters = readClusters(config).map(({ name, address, namespace }, i) => {
      return { name, address, namespace, uiUrl: servers[i]?.uiUrl ?? null };
    });
    const installation = worker.installation();
    sidecar = await startSidecar(dataDir, {
      INGRESS_PORT: String(await freePort(ports.sidecar)),
      ...process.env,
      LARGE_EVENTS_DIR: largeEventsDir,
      ...clusterVariables({ clusters }),
      ...(installation !== undefined && { CHAT_EVENTS_INSTALLATION: installation }),
    });
    await announce({
      clusters,
      ...(installation !== undefined && { installation }),
      databaseUrl: stack.postgres.url,
      secretsKeyFile: ownKey ? secretsKeyFile : null,
      largeEventsDir,
      workerPort: worker.port,
      sidecar: { url: sidecar.url, tokensFile: sidecar.tokensFile },
      ...(allowedAddresses && { allowedAddresses }),
    });
    console.log(whatRuns(stack, { worker, sidecar }, clusters));
    kept = keepAllUp(stack, clusters, ending.signal);
    await Promise.race([worker.done, stopping]);
    console.log('\nStopping: the worker finishes its work in flight ...');
  } finally {
    ending.abort();
    await sidecar?.stop();
    await worker.stop();
    await kept;
  }
}

async function startOwnWorker(config: WorkerConfig): Promise<LocalWorker> {
  const worker = await startWorker(config, { log: pino({ level: config.LOG_LEVEL }, pino.destination(workerLog)) });
  return { ...worker, served: allServed(worker) };
}

async function keepAllUp(
  { postgres, temporal, standby }: Stack,
  [main, second]: readonly RunningCluster[],
  signal: AbortSignal,
): Promise<void> {
  const servers = [
    { name: 'PostgreSQL', address: new URL(postgres.url).host, server: postgres },
    { name: main?.name ?? 'main', address: temporal.address, server: temporal },
    ...(standby ? [{ name: second?.name ?? 'standby', address: standby.address, server: standby }] : []),
  ];
  await Promise.all(servers.map((server) => keepUp(server, { say: console.log, signal })));
}

interface Running {
  readonly worker: LocalWorker;
  readonly sidecar: Sidecar;
}

function whatRuns(stack: Stack, { worker, sidecar }: Running, clusters: readonly RunningCluster[]): string {
  const { applied, paused } = stack;
  const { host, pathname } = new URL(stack.postgres.url);
  const lines = [
    ...clusters.map(({ name, uiUrl, namespace }, i) => {
      const address = uiUrl === null ? 'none: it was not started here' : `${uiUrl}/namespaces/${namespace}/workflows`;
      return `  ${i === 0 ? 'Web UI' : '      '}      ${address}  (${name})`;
    }),
    `  Temporal    ${clusters.map(({ name, address }) => `${name} ${address}`).join(', ')}`,
    `  PostgreSQL  ${host}${pathname} (whole address in ${dataDir}/stack.json)`,
    `  Id          ${worker.installation()}  (of this installation)`,
    `  Worker      http://127.0.0.1:${worker.port}/healthz /readyz /metrics, log in ${workerLog}${isDev ? '; starts again when a file changes' : ''}`,
    `  Sidecar     ${sidecar.url}, log in ${sidecar.log}`,
    `              token for development: ${sidecar.token}`,
    ...otherPorts(stack, { worker, sidecar }),
  ];
  if (applied.length > 0) lines.push(`  Applied ${applied.length} migrations.`);
  if (paused.length > 0) lines.push(`  Paused, as this version has no consumer for them: ${paused.join(', ')}.`);
  lines.push(
    '',
    'Publish:  npm run publish-event -- Chat.Ended docs/examples/chat.json',
    `     or:  curl ${sidecar.url}/v1/events/Chat.Ended -H "Authorization: Bearer $(cat ${sidecar.tokenFile})" -H "Content-Type: application/json" --data @docs/examples/chat.json`,
    'Stop:     Ctrl-C (the data stays)',
  );
  return ['', 'Running:', ...lines].join('\n');
}

/** Names the usual ports that another program has. */
function otherPorts({ postgres, temporal, standby }: Stack, { worker, sidecar }: Running): string[] {
  const { DATABASE_URL: database, WORKER_PORT: workerPort, INGRESS_PORT: sidecarPort } = process.env;
  const taken = takenPorts([
    [ports.temporal, temporal.pid === undefined ? undefined : temporal.address],
    [ports.ui, temporal.uiUrl],
    [ports.standby, standby?.pid === undefined ? undefined : standby.address],
    [ports.standbyUi, standby?.uiUrl],
    [ports.postgres, database ? undefined : new URL(postgres.url).host],
    [ports.worker, workerPort ? undefined : `:${worker.port}`],
    [ports.sidecar, sidecarPort || sidecar.url.startsWith('unix:') ? undefined : sidecar.url],
  ]);
  return taken.length === 0 ? [] : [`  (Taken by another program: ${taken.join(', ')}.)`];
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

import { resolve } from 'node:path';
import { pino } from 'pino';
import { createConsumers } from '../activities/consumers';
import { saveEvents } from '../db/domain/save-events';
import { saveTickets } from '../db/tickets/save-tickets';
import { readConfig } from '../workers/config';
import { startWorker, type RunningWorker } from '../workers/start-worker';
import { freePort } from './stack/free-port';
import { ensureSecretsKey } from './stack/secrets-key';
import { claimStack } from './stack/stack-file';
import { startStack, type Stack } from './stack/start-stack';
import { stopSignal } from './stop-signal';

const dataDir = '.data';
const workerLog = `${dataDir}/worker.log`;
const secretsKeyFile = `${dataDir}/secrets.key`;
/** Where people look first. Whatever is taken is replaced by a free one. */
const ports = { postgres: 5432, temporal: 7233, ui: 8233, worker: 9464 };

/** `npm start`: the whole stack on this machine, kept until Ctrl-C; its data stays for the next start. */
async function main(): Promise<void> {
  const stopping = stopSignal();
  const claim = await claimStack();
  try {
    console.log('Starting PostgreSQL, Temporal and a worker ...');
    const stack = await startStack({
      dataDir,
      availableConsumers: Object.keys(createConsumers({ saveEvents, saveTickets })),
      databaseUrl: process.env['DATABASE_URL'],
      temporalAddress: process.env['TEMPORAL_ADDRESS'],
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
  });
  const worker = await startWorker(config, { log: pino({ level: config.LOG_LEVEL }, pino.destination(workerLog)) });
  try {
    await Promise.race([worker.ready, worker.done, stopping]);
    const { address, uiUrl = null } = stack.temporal;
    await announce({
      temporalAddress: address,
      namespace: config.TEMPORAL_NAMESPACE,
      uiUrl,
      databaseUrl: stack.postgres.url,
      secretsKeyFile: ownKey ? secretsKeyFile : null,
      largeEventsDir,
      workerPort: worker.port,
    });
    console.log(whatRuns(stack, worker, config.TEMPORAL_NAMESPACE));
    await Promise.race([worker.done, stopping]);
    console.log('\nStopping: the worker finishes what it has in hand ...');
  } finally {
    await worker.stop();
  }
}

function whatRuns({ postgres, temporal, applied, paused }: Stack, worker: RunningWorker, namespace: string): string {
  const { host, pathname } = new URL(postgres.url);
  const lines = [
    `  Web UI      ${temporal.uiUrl === undefined ? 'none: TEMPORAL_ADDRESS is set' : `${temporal.uiUrl}/namespaces/${namespace}/workflows`}`,
    `  Temporal    ${temporal.address}, namespace ${namespace}`,
    `  PostgreSQL  ${host}${pathname} (whole address in ${dataDir}/stack.json)`,
    `  Worker      http://127.0.0.1:${worker.port}/healthz /readyz /metrics, log in ${workerLog}`,
    ...otherPorts(temporal.address, host),
  ];
  if (applied.length > 0) lines.push(`  Applied ${applied.length} migrations.`);
  if (paused.length > 0) lines.push(`  Paused, as this version has no consumer for them: ${paused.join(', ')}.`);
  lines.push('', 'Publish:  npm run publish-event -- Chat.Ended event.json', 'Stop:     Ctrl-C (the data stays)');
  return ['', 'Running:', ...lines].join('\n');
}

/** Says which of the usual ports were taken by something else. */
function otherPorts(temporalAddress: string, postgresHost: string): string[] {
  const taken = [
    process.env['TEMPORAL_ADDRESS'] || temporalAddress.endsWith(`:${ports.temporal}`) ? [] : [ports.temporal],
    process.env['DATABASE_URL'] || postgresHost.endsWith(`:${ports.postgres}`) ? [] : [ports.postgres],
  ].flat();
  return taken.length === 0 ? [] : [`  (${taken.join(' and ')} was taken by another program.)`];
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

/**
 * `npm run demo`: one day of a chat server, played through the whole product on temporary data, with faults, and the account of
 * it. Exit code 0 only if nothing is lost and the account balances.
 */
import { Connection, WorkflowClient } from '@temporalio/client';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { newSecretsKey } from '../../activities/connections/secret-box';
import { consumerNames } from '../../activities/consumers';
import { createPublisher } from '../../client';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { readClusters, toClusterOptions } from '../../workers/clusters';
import { readConfig, readSecretBox, type WorkerConfig } from '../../workers/config';
import { startWorker } from '../../workers/start-worker';
import { startSidecar } from '../../scripts/start-sidecar';
import { allServed } from '../../stack/all-served';
import { startStack, type Stack } from '../../stack/start-stack';
import { stopSignal } from '../../stack/stop-signal';
import { flag, number, runCommandLine } from '../command-line';
import { openDestinations } from '../destinations';
import { printAccount } from '../print-account';
import { createProgress, type Progress } from '../progress';
import { readDay } from '../read-day';
import { runDay, type Day } from './run-day';
import { sitePlans } from './site-troubles';

const USAGE = `npm run demo -- [--json] [--keep] [--lose N]

  --json    print the account as JSON, and nothing else, on standard output
  --keep    leave everything running afterwards, to look around, until Ctrl-C
  --lose N  remove N effects behind the product's back: the account has to notice, and the exit code is 1`;

const INTRODUCTION = `One day of three sites on a chat server. Each event is published once, recorded, and delivered to all who subscribe;
a delivery that cannot be made is parked, never dropped. In the middle of it main dies. At the end everything is counted.
`;

interface Options {
  readonly json: boolean;
  readonly keep: boolean;
  readonly lose: number;
}

const workerLog = join(tmpdir(), `chat-events-demo-${process.pid}.log`);

async function main(options: Options): Promise<void> {
  const progress = createProgress({ out: options.json ? process.stderr : process.stdout });
  const stopping = stopSignal();
  const playing = play(options, progress, stopping);
  const interrupted = await Promise.race([stopping, playing.then(() => undefined)]);
  if (interrupted !== undefined && process.exitCode === undefined) {
    progress.say('Stopped. Nothing is kept.');
    rmSync(workerLog, { force: true });
    process.exit(130); // the servers and their temporary data go with this process
  }
  await playing;
}

async function play(options: Options, progress: Progress, stopping: Promise<unknown>): Promise<void> {
  const started = performance.now();
  progress.say(INTRODUCTION);
  progress.say(
    'Starting PostgreSQL, two Temporal clusters (main and standby), a worker and a sidecar on temporary data ...',
  );
  const consumers = consumerNames;
  const stack = await startStack({
    availableConsumers: consumers,
    withStandby: true,
    headless: false,
    ports: { ui: 8233, standbyUi: 8234 },
  });
  try {
    const config = readConfig({
      DATABASE_URL: stack.postgres.url,
      TEMPORAL_ADDRESS: stack.temporal.address,
      TEMPORAL_STANDBY_ADDRESS: stack.standby?.address,
      TAKEOVER_AFTER_SECONDS: '5',
      WORKER_PORT: '0',
      SHUTDOWN_GRACE_SECONDS: '2',
      SWEEP_EVERY_SECONDS: '2',
      LARGE_EVENTS_DIR: stack.largeEventsDir,
      SECRETS_KEY: newSecretsKey(),
      ALLOWED_ADDRESSES: '127.0.0.1',
      WEBHOOK_RETRY_SECONDS: '1,1,2,2,3,5,5,10,10,10',
    });
    const worker = await startWorker(config, { log: pino({ level: 'info' }, pino.destination(workerLog)) });
    try {
      await Promise.race([allServed(worker), worker.done]);
      const webUis = [stack.temporal, stack.standby].map(
        (server) => `${server?.uiUrl}/namespaces/${config.TEMPORAL_NAMESPACE}/workflows`,
      );
      progress.say(`     Up after ${secondsSince(started)} s. Watch it in the Web UIs:`);
      for (const webUi of webUis) progress.say(`     ${webUi}`);
      const day = await playDay(stack, config, options, progress);
      report(day, options, secondsSince(started), progress);
      if (options.keep) {
        sayHowToLookAround(progress, webUis, stack.postgres.url);
        await Promise.race([stopping, worker.done]);
        progress.say('Stopping ...');
      } else if (!options.json) {
        progress.say('  The servers stop now. To look around in the Web UI: npm run demo -- --keep');
      }
    } finally {
      await worker.stop();
    }
  } finally {
    await stack.stop();
  }
}

async function playDay(stack: Stack, config: WorkerConfig, { lose }: Options, progress: Progress): Promise<Day> {
  const configs = readClusters(config);
  const publisher = createPublisher({ clusters: configs.map(toClusterOptions), deadlineMs: 30_000 });
  const dataDir = mkdtempSync(join(tmpdir(), 'chat-events-demo-sidecar-'));
  const sidecar = await startSidecar(dataDir, {
    INGRESS_PORT: '0',
    LARGE_EVENTS_DIR: stack.largeEventsDir,
    TEMPORAL_ADDRESS: stack.temporal.address,
    TEMPORAL_STANDBY_ADDRESS: stack.standby?.address,
  });
  const pool = createPool(stack.postgres.url);
  const opened = configs.map((one) => ({ ...one, connection: Connection.lazy({ address: one.address }) }));
  const box = readSecretBox(config);
  if (box === null) throw new Error('The demo has no key.');
  const destinations = await openDestinations(onPool(pool), box, sitePlans());
  try {
    const [main, standby] = opened.map(({ connection, name, address, namespace }) => {
      return { name, address, namespace, client: new WorkflowClient({ connection, namespace }) };
    });
    if (main === undefined || standby === undefined) throw new Error('The demo has one cluster only.');
    const clusters = [main, standby] as const;
    const db = onPool(pool);
    const day = {
      lines: readDay(),
      publisher,
      sidecar,
      clusters,
      main: stack.temporal,
      db,
      progress,
      destinations,
      lose,
    };
    return await runDay(day);
  } finally {
    await Promise.all([publisher.close(), sidecar.stop()]);
    rmSync(dataDir, { recursive: true });
    await Promise.all(opened.map(({ connection }) => connection.close()));
    await pool.end();
    await destinations.close();
  }
}

function report({ account, settled }: Day, { json }: Options, seconds: number, progress: Progress): void {
  const { problems, ...sums } = account;
  const isGood = settled && account.lost === 0 && problems.length === 0;
  process.exitCode = isGood ? 0 : 1;
  if (json) process.stdout.write(`${JSON.stringify({ ...sums, seconds }, undefined, 2)}\n`);
  progress.say();
  progress.say(printAccount(account));
  progress.say(`  ${seconds} seconds in all.`);
  if (isGood) rmSync(workerLog, { force: true });
  else progress.say(`  The worker's log: ${workerLog}`);
}

function sayHowToLookAround(progress: Progress, webUis: readonly string[], databaseUrl: string): void {
  progress.say();
  progress.say('Everything is still running. Look around:');
  progress.say(`  Web UIs     ${webUis.join('  ')}`);
  progress.say(`  PostgreSQL  psql '${databaseUrl}'   (tables chat, ticket, agent_ban, delivery, ...)`);
  progress.say('  Stop        Ctrl-C; nothing is kept');
}

const secondsSince = (started: number): number => Math.round((performance.now() - started) / 100) / 10;

runCommandLine(USAGE, { json: flag, keep: flag, lose: number(0, { least: 0, most: 999 }) }, main);

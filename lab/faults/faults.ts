/** `npm run test:faults`: many events while a third of all requests to all destinations fail at random. Exit code 0 only if it balances. */
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newSecretsKey } from '../../activities/connections/secret-box';
import { consumerNames } from '../../activities/consumers';
import { createPublisher } from '../../client';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { startStack } from '../../stack/start-stack';
import { number, runCommandLine } from '../command-line';
import { showLatency } from '../latency';
import { printAccount } from '../print-account';
import { residentMegabytes } from '../process-usage';
import { createProgress } from '../progress';
import { startWorkerProcess } from '../worker-process';
import { runFaults } from './run-faults';

const USAGE = `npm run test:faults -- [--seed N] [--events N]

  --seed N    the same seed gives the same faults, by order of requests; default: any
  --events N  default 2000`;

interface Options {
  readonly seed: number;
  readonly events: number;
}

async function main({ seed, events }: Options): Promise<void> {
  const progress = createProgress({ out: process.stdout });
  progress.say(`Seed ${seed}, ${events} events. Starting PostgreSQL, Temporal and a worker on temporary data ...`);
  const stack = await startStack({
    availableConsumers: consumerNames,
  });
  const secretsKey = newSecretsKey();
  const memory: number[] = [];
  const logFile = join(tmpdir(), `chat-events-faults-${process.pid}.log`);
  const worker = await startWorkerProcess({
    args: ['--import', 'tsx', join('workers', 'main.ts')],
    env: {
      DATABASE_URL: stack.postgres.url,
      TEMPORAL_ADDRESS: stack.temporal.address,
      SECRETS_KEY: secretsKey,
      ALLOWED_ADDRESSES: '127.0.0.1',
      WEBHOOK_RETRY_SECONDS: Array.from({ length: 20 }, (_, i) => Math.min(5, 1 + i / 2)).join(),
      LONGEST_RETRY_SECONDS: '8',
    },
    logFile,
  });
  const publisher = createPublisher({
    clusters: [{ name: 'main', address: stack.temporal.address }],
    deadlineMs: 60_000,
  });
  const pool = createPool(stack.postgres.url);
  try {
    const started = performance.now();
    const sampling = setInterval(() => memory.push(Math.round(residentMegabytes(worker.pid) ?? 0)), 1_000);
    const report = await runFaults({
      seed,
      events,
      publisher,
      secretsKey,
      progress,
      db: onPool(pool),
      unwritten: async () => (await readFile(logFile, 'utf8')).split(UNWRITTEN).length - 1,
      measuresStall: true,
    });
    clearInterval(sampling);
    progress.say();
    progress.say(printAccount(report.account));
    progress.say(
      `\n  Faults: ${Object.entries(report.faults)
        .map(([name, count]) => `${count} × ${name}`)
        .join(', ')}`,
    );
    progress.say(`  Came twice on the wire, under one id: ${report.wireDuplicates}`);
    if (report.unwritten > 0) progress.say(`  Attempts whose end our own database did not take: ${report.unwritten}`);
    if (report.stall !== undefined) {
      const [well, beside] = [report.stall.well, report.stall.beside].map((latency) => showLatency(latency));
      progress.say(`  Tickets of two sites while Zendesk of a third is well: ${well}; while it hangs: ${beside}`);
    }
    progress.say(`  Worker's memory, by tenths of the time, MB: ${tenths(memory).join(' ')}`);
    for (const problem of report.problems) progress.say(`  WRONG: ${problem}`);
    progress.say(
      `  ${Math.round((performance.now() - started) / 1000)} s. Again: npm run test:faults -- --seed ${seed} --events ${events}`,
    );
    process.exitCode = report.problems.length === 0 ? 0 : 1;
  } finally {
    await publisher.close();
    await pool.end();
    await worker.stop();
    await stack.stop();
  }
}

/** How the worker logs such an attempt, once each. */
const UNWRITTEN = 'The database did not answer';

const tenths = (values: readonly number[]): number[] =>
  Array.from({ length: 11 }, (_, i) => values[Math.floor((i / 10) * (values.length - 1))] ?? 0);

const anySeed = Date.now() % 1_000_000;
runCommandLine(USAGE, { seed: number(anySeed, { least: 0 }), events: number(2_000) }, main);

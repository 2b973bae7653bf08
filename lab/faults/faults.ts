/** `npm run test:faults`: many events while a third of all requests to all destinations fail at random. Exit code 0 only if it balances. */
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { newSecretsKey } from '../../activities/connections/secret-box';
import { createConsumers } from '../../activities/consumers';
import { createPublisher } from '../../client';
import { saveEvents } from '../../db/domain/save-events';
import { createPool } from '../../db/pool';
import { saveTickets } from '../../db/tickets/save-tickets';
import { onPool } from '../../db/tx';
import { NAMESPACE } from '../../protocol/constants';
import { residentMegabytes } from '../bench/process-usage';
import { startWorkerProcess } from '../bench/worker-process';
import { printAccount } from '../print-account';
import { createProgress } from '../progress';
import { startStack } from '../../stack/start-stack';
import { runFaults } from './run-faults';

const USAGE = `npm run test:faults -- [--seed N] [--events N]

  --seed N    the same seed gives the same faults, by order of requests; default: any
  --events N  default 2000`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seed: { type: 'string' }, events: { type: 'string', default: '2000' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(USAGE);
  const seed = readNumber('seed', values.seed ?? String(Date.now() % 1_000_000));
  const events = readNumber('events', values.events);
  const progress = createProgress({ out: process.stdout });
  progress.say(`Seed ${seed}, ${events} events. Starting PostgreSQL, Temporal and a worker on temporary data ...`);
  const stack = await startStack({
    availableConsumers: Object.keys(createConsumers({ saveEvents, saveTickets })),
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
    clusters: [{ name: 'main', address: stack.temporal.address, namespace: NAMESPACE }],
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
    const { stall } = report;
    if (stall !== undefined) {
      const { well, beside } = stall;
      const text = [well, beside].map(({ p50, p99 }) => `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`);
      progress.say(`  Tickets of two sites while Zendesk of a third is well: ${text[0]}; while it hangs: ${text[1]}`);
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

function readNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} takes a whole number.\n\n${USAGE}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

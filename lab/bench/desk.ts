/**
 * The time of the operator's commands on a large database. Run it with `npx tsx lab/bench/desk.ts`; it fills a temporary database, which takes
 * some minutes and 3 kB of disk per event.
 */
import { join } from 'node:path';
import { createSecretBox, newSecretsKey } from '../../activities/connections/secret-box';
import { openIdHashes } from '../../activities/record/id-hashes';
import { createDatabase } from '../../db/database';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { comparedId, ID_KINDS } from '../../events/compared-id';
import { ensureSecretsKey } from '../../stack/secrets-key';
import { runCommand } from '../../stack/run-command';
import { startStack } from '../../stack/start-stack';
import { number, runCommandLine, text } from '../command-line';
import { countDeliveries } from '../queries/counts';
import { chatId, fillDatabase, LARGE_SITE, recordId, setIds } from '../queries/fill-database';

const USAGE = `npx tsx lab/bench/desk.ts [--events N] [--runs N] [--data FOLDER]

  --events N     in the database; default 1000000
  --runs N       of each command; default 5
  --data FOLDER  keep the database there, and add only missing rows`;

/** Takes as long as the filling of a large part does. */
const STATEMENT_MS = 15 * 60_000;

interface Options {
  readonly events: number;
  readonly runs: number;
  readonly data: string | undefined;
}

async function main({ events, runs, data }: Options): Promise<void> {
  const stack = await startStack({ availableConsumers: ['persistence'], dataDir: data });
  const secretsKey = data === undefined ? newSecretsKey() : await ensureSecretsKey(join(data, 'secrets-key'));
  const pool = createPool(stack.postgres.url, { statementTimeoutMs: STATEMENT_MS });
  try {
    const [sought, erased] = [events - 2, events - 4];
    const { events: there } = await countDeliveries(onPool(pool));
    if (there < events)
      await fillDatabase(pool, { there, events }, (done) => console.error(`${done} of ${events} events`));
    const hash = await openIdHashes(createDatabase(pool), createSecretBox(secretsKey))();
    const hashesOf = (n: number): string[] => hash?.(ID_KINDS.map((kind) => comparedId(kind, chatId(n)))) ?? [];
    for (const n of [sought, erased]) await setIds(onPool(pool), n, hashesOf(n));
    const commands: readonly (readonly [what: string, args: string])[] = [
      ['start alone', '--help'],
      ['status', 'status'],
      ['find a chat', `events find ${chatId(sought)}`],
      ['find a record', `events find ${recordId(sought)}`],
      ['find by site', `events find --site ${LARGE_SITE}`],
      ['find what is parked', `events find --site 20001 --state parked`],
      ['find what is parked, of the last month', `events find --site 20001 --state parked --from 30d`],
      ['show an event', `events show Chat.Ended/${LARGE_SITE}/${chatId(sought)}`],
      ['erase a visitor', `erase --site ${LARGE_SITE} --visitor ${chatId(erased)} --yes --no-wait`],
      ['list what is parked', `deliveries list --state parked --failure Rejected`],
    ];
    const env = {
      DATABASE_URL: stack.postgres.url,
      TEMPORAL_ADDRESS: stack.temporal.address,
      SECRETS_KEY: secretsKey,
    };
    const run = async (args: string): Promise<number> => {
      const started = performance.now();
      const { code, output } = await runCommand(['node', 'scripts/ops.mjs', ...args.split(' ')], { env });
      if (code !== 0 && !/^status|--no-wait/.test(args)) throw new Error(output);
      return performance.now() - started;
    };
    await run('--help'); // makes its bundle
    for (const [what, args] of commands) {
      const took: number[] = [];
      for (let n = 0; n < (args.startsWith('erase') ? 1 : runs); n++) took.push(await run(args));
      console.log(`${what.padEnd(40)} ${showMs(took)}`);
    }
  } finally {
    await pool.end();
    await stack.stop();
  }
}

const showMs = (took: readonly number[]): string => {
  const [least, middle] = [Math.min(...took), took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)] ?? NaN];
  return `median ${middle.toFixed(0)} ms, fastest ${least.toFixed(0)} ms`;
};

runCommandLine(USAGE, { events: number(1_000_000), runs: number(5), data: text(undefined) }, main);

/** `npm run soak`: events for hours while faults come at random. Exit code 0 only if nothing is lost, nothing is there twice, and nothing grows. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../stack/run-command';
import { stopSignal } from '../../stack/stop-signal';
import { flag, number, runCommandLine, text } from '../command-line';
import { openSystem } from '../drill/open-system';
import { createProgress } from '../progress';
import { judgeRounds, LEAST_ROUNDS } from './judge-rounds';
import { runRound, type Round } from './run-round';

const USAGE = `npm run soak -- [--events N] [--round N] [--rate R] [--faults N] [--seed N] [--folder FOLDER] [--json]

  --events N       events in all; default 100000
  --round N        events of a round, after each of which all is counted and retention passes; default 1000
  --rate R         events per second; default 20
  --faults N       faults of a round, at random moments: processes killed, servers stopped, destinations away; default 8
  --seed N         the same seed publishes the same and causes the same faults; default 1
  --folder FOLDER  keeps the rounds that are done: the same command goes on after them; default .data/soak
  --json           print all rounds as JSON, and nothing else, on standard output`;

interface Options {
  readonly events: number;
  readonly round: number;
  readonly rate: number;
  readonly faults: number;
  readonly seed: number;
  readonly folder: string;
  readonly json: boolean;
}

/** Each round's events have a seed of their own. */
const ROUNDS_OF_A_SEED = 1_000_000;

async function main({ events, round: size, rate, faults, seed, folder, json }: Options): Promise<void> {
  void stopSignal().then(() => process.exit(130)); // its servers end with this process, and their data with them
  const progress = createProgress({ out: json ? process.stderr : process.stdout });
  const file = join(folder, `seed-${seed}.ndjson`);
  await mkdir(folder, { recursive: true });
  const rounds = await readRounds(file);
  const done = (): number => rounds.reduce((sum, one) => sum + one.events, 0);
  if (rounds.length > 0) progress.say(`${done()} events are done, in ${rounds.length} rounds: ${file}`);
  progress.say('Building the workers ...');
  const built = await runCommand(['tsx', 'scripts/build.ts']);
  if (built.code !== 0) throw new Error(built.output);
  const root = join(__dirname, '..', '..');
  const system = await openSystem({ setUp: {}, release: { root, built: true }, takeoverAfterSeconds: 20 });
  try {
    while (done() < events) {
      const round = rounds.length + 1;
      const one = await runRound(system, {
        round,
        events: Math.min(size, events - done()),
        rate,
        seed: seed * ROUNDS_OF_A_SEED + round,
        faults,
        say: (line) => progress.show(`  round ${round}: ${line}`),
      });
      rounds.push(one);
      await appendFile(file, `${JSON.stringify(one)}\n`);
      progress.say(showRound(one));
      for (const problem of one.problems) progress.say(`    WRONG: ${problem}`);
    }
  } finally {
    await system.close();
  }
  const problems = judgeRounds(rounds);
  if (json) console.log(JSON.stringify({ rounds, problems }, undefined, 2));
  for (const problem of problems) progress.say(problem);
  if (problems.length === 0) {
    const sizes =
      rounds.length < LEAST_ROUNDS ? `sizes not judged (from ${LEAST_ROUNDS} rounds on)` : 'nothing has grown';
    progress.say(`${done()} events: nothing lost, nothing twice, ${sizes}.`);
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function readRounds(file: string): Promise<Round[]> {
  const lines = await readFile(file, 'utf8').catch(() => '');
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Round); // written here
}

function showRound({ round, events, seconds, faults, lost, twice, wireDuplicates, attemptsMet, sizes }: Round): string {
  const { workers, tables, journals, temporal } = sizes;
  return (
    `round ${round}: ${events} events in ${seconds.toFixed(0)} s, ${faults} faults: lost ${lost}, twice ${twice}, ` +
    `again on the wire ${wireDuplicates} of ${attemptsMet}; MB: workers ${workers}, tables ${tables}, journals ${journals}, Temporal ${temporal}`
  );
}

runCommandLine(
  USAGE,
  {
    events: number(100_000),
    round: number(1_000),
    rate: number(20, { least: 0.001, isWhole: false }),
    faults: number(8),
    seed: number(1),
    folder: text(join('.data', 'soak')),
    json: flag,
  },
  main,
);

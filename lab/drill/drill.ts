/** `npm run drill`: the whole system, one fault after the other, and the account of all events. Exit code 0 only if all expectations hold. */
import { join } from 'node:path';
import { flag, number, runCommandLine, text } from '../command-line';
import { createProgress, type Progress } from '../progress';
import { runCommand } from '../../stack/run-command';
import { stopSignal } from '../../stack/stop-signal';
import { buildPrevious } from './build-previous';
import { measureCapacity, type Capacity } from './measure-capacity';
import type { Release } from './open-workers';
import { showRun } from './make-table';
import { runScenario, type DrillRun } from './run-scenario';
import type { Scenario } from './scenario';
import { scenarios } from './scenarios';
import { writeDocs } from './write-docs';

const USAGE = `npm run drill -- [--scenario NAME|all] [--events N] [--rate R] [--seed N] [--seeds N] [--json] [--write-docs]

  --scenario NAME  one of the following, several with commas; default all (but for the longest)
  --events N       events of a run; default 250
  --rate R         events per second; default: the steady rate that is measured first
  --seed N         the same seed publishes the same and begins the fault at the same moment; default 1
  --seeds N        so many runs of each, with this seed and the next ones; default 1
  --json           print all numbers as JSON, and nothing else, on standard output
  --write-docs     write the table and the chart of docs/failover.md

${scenarios.map(({ name, number, what }) => `  ${name.padEnd(28)}${number.padStart(3)}  ${what}`).join('\n')}`;

interface Options {
  readonly chosen: readonly Scenario[];
  readonly events: number;
  readonly rate: number | undefined;
  readonly seeds: readonly number[];
  readonly json: boolean;
  readonly writesDocs: boolean;
}

async function main(options: Options): Promise<void> {
  const { events, json } = options;
  void stopSignal().then(() => process.exit(130)); // its servers end with this process, and their data with them
  const progress = createProgress({ out: json ? process.stderr : process.stdout });
  progress.say('Building the workers ...');
  const built = await runCommand(['tsx', 'scripts/build.ts']);
  if (built.code !== 0) throw new Error(built.output);
  const root = join(__dirname, '..', '..');
  const measured = options.rate === undefined ? await measure(progress, { root, built: true }) : null;
  const rate = options.rate ?? measured?.steady ?? 0;
  progress.say(`${events} events a run, ${rate.toFixed(1)} per second unless the scenario has its own load.\n`);
  const { runs, wrong } = await runAll(options, { root, rate, progress });
  progress.say(wrong === 0 ? '\nAll expectations hold.' : `\n${wrong} runs are not as expected.`);
  if (json) console.log(JSON.stringify({ rate, measured, runs: runs.map(({ report }) => report) }, undefined, 2));
  if (options.writesDocs) await writeDocs(runs, rate);
  process.exitCode = wrong === 0 ? 0 : 1;
}

interface Parts {
  /** Of the repository. */
  readonly root: string;
  readonly rate: number;
  readonly progress: Progress;
}

/** @returns the runs that came to an end, and how many were not as expected */
async function runAll({ chosen, seeds, events }: Options, { root, rate, progress }: Parts) {
  const runs: DrillRun[] = [];
  let wrong = 0;
  for (const scenario of chosen) {
    const needsPrevious = scenario.setUp?.workersOf === 'previous release';
    const previous = needsPrevious ? await buildPrevious(root) : undefined;
    if (needsPrevious) {
      const text = previous === undefined ? 'skipped: there is no git history here' : `from ${previous.ref}`;
      progress.say(`${scenario.name}: ${text}`);
      if (previous === undefined) continue;
    }
    for (const seed of seeds) {
      try {
        const run = await runScenario({
          scenario,
          seed,
          events,
          rate,
          progress,
          release: { root, built: true },
          previous,
        });
        runs.push(run);
        if (run.report.problems.length > 0) wrong += 1;
        progress.say(showRun(run.report));
        const often = Object.entries(run.report.faults).filter(([, times]) => times > 1);
        if (often.length > 0) progress.say(`    ${often.map(([what, times]) => `${what} ${times} times`).join(', ')}`);
        for (const problem of run.report.problems) progress.say(`    WRONG: ${problem}`);
      } catch (error) {
        wrong += 1;
        progress.say(
          `${scenario.name}, seed ${seed}, came to no end: ${error instanceof Error ? error.stack : String(error)}`,
        );
      }
    }
    await previous?.remove();
  }
  return { runs, wrong };
}

async function measure(progress: Progress, release: Release): Promise<Capacity> {
  const measured = await measureCapacity({ progress, release });
  const [burst, steady] = [measured.burst.toFixed(1), measured.steady.toFixed(1)];
  progress.say(
    `This machine does ${burst} events per second now when they come at once, and ${steady} at an even rate.`,
  );
  return measured;
}

function chooseScenarios(names: string): Scenario[] {
  if (names === 'all') return scenarios.filter(({ byNameOnly }) => byNameOnly !== true);
  return names.split(',').map((wanted) => {
    const scenario = scenarios.find(({ name }) => name === wanted);
    if (scenario === undefined) throw new Error(`There is no scenario "${wanted}".\n\n${USAGE}`);
    return scenario;
  });
}

runCommandLine(
  USAGE,
  {
    scenario: text('all'),
    events: number(250),
    rate: number(undefined, { least: 0.001, isWhole: false }),
    seed: number(1),
    seeds: number(1),
    json: flag,
    'write-docs': flag,
  },
  ({ scenario, seed, seeds, 'write-docs': writesDocs, ...others }) =>
    main({
      ...others,
      chosen: chooseScenarios(scenario),
      seeds: Array.from({ length: seeds }, (_, n) => seed + n),
      writesDocs,
    }),
);

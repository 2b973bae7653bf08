import { table } from '../../ops/output';
import { showMachine } from '../describe-machine';
import type { Latency } from '../latency';
import type { DrillReport } from './report';
import { scenarios } from './scenarios';

/** The values of one scenario's runs: of several, their sum or the worst of them. */
const COLUMNS: readonly { readonly title: string; readonly of: (runs: readonly DrillReport[]) => string }[] = [
  { title: 'runs', of: (runs) => String(runs.length) },
  { title: 'published', of: total(({ published }) => published) },
  { title: 'lost', of: total(({ lost }) => lost) },
  { title: 'twice', of: total(({ duplicateEffects }) => duplicateEffects) },
  {
    title: 'wire',
    of: (runs) => `${total((run) => run.wireDuplicates)(runs)} of ${total((run) => run.attemptsMet)(runs)}`,
  },
  {
    title: 'refused',
    of: (runs) => [total(({ refused }) => sum(refused))(runs), ...Object.keys(runs[0]?.refused ?? {})].join(' '),
  },
  { title: 'acknowledged after', of: worst(({ acknowledgedAfterMs }) => acknowledgedAfterMs) },
  { title: 'delivered after', of: worst(({ deliveredAfterMs }) => deliveredAfterMs) },
  { title: 'all settled after', of: worst(({ settledAfterMs }) => settledAfterMs) },
  { title: 'publish before', of: (runs) => latencyOf(runs.map(({ publishMs }) => publishMs.before)) },
  { title: 'publish during', of: (runs) => latencyOf(runs.map(({ publishMs }) => publishMs.during)) },
];
const HEAD = ['', 'fault', ...COLUMNS.map(({ title }) => title)];

/** One run, with its titles. */
export const showRun = (report: DrillReport): string =>
  table(
    [report],
    [
      { title: 'scenario', of: ({ scenario }) => scenario },
      { title: 'seed', of: ({ seed }) => seed },
      { title: 'rate', of: ({ rate }) => rate.toFixed(1) },
      { title: 'acknowledged by', of: ({ acknowledged }) => Object.entries(acknowledged).flat().join(' ') },
      { title: 'delivered', of: ({ delivered }) => sum(delivered) },
      ...COLUMNS.slice(1).map(({ title, of }) => ({ title, of: (run: DrillReport) => of([run]) })),
    ],
  );

/**
 * One line per scenario.
 *
 * @param earlier a table whose lines stand for the scenarios that were not run now; its head stands for all where it has any
 */
export function makeTable(reports: readonly DrillReport[], usualRate: number, earlier = ''): string {
  const given = earlier.split('\n');
  const before = given.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  let isPart = false;
  const rows = scenarios.flatMap(({ name, number, what }) => {
    const own = reports.filter(({ scenario }) => scenario === name);
    if (own.length > 0) return [[number, what, ...COLUMNS.map(({ of }) => of(own))]];
    const kept = before.find((cells) => cells[1] === what);
    isPart ||= kept !== undefined;
    return kept === undefined ? [] : [kept];
  });
  const lines = [HEAD, HEAD.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const rate = `${usualRate.toFixed(1)} events per second unless the fault says otherwise`;
  const measured = `Measured on ${showMachine()}, everything on it; ${rate}.`;
  const head = (isPart && given.find((line) => line.startsWith('Measured'))) || measured;
  return [head, '', ...lines].join('\n');
}

function total(value: (run: DrillReport) => number) {
  return (runs: readonly DrillReport[]): string => String(runs.reduce((all, run) => all + value(run), 0));
}

function worst(value: (run: DrillReport) => number | null) {
  return (runs: readonly DrillReport[]): string => {
    const values = runs.map(value).filter((one) => one !== null);
    return values.length === 0 ? '-' : duration(Math.max(...values));
  };
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** The worst of each. */
function latencyOf(latencies: readonly (Latency | null)[]): string {
  const known = latencies.filter((one) => one !== null);
  if (known.length === 0) return '-';
  const worst = (of: (latency: Latency) => number): string => Math.max(...known.map(of)).toFixed(0);
  return `${worst(({ p50 }) => p50)} / ${worst(({ p99 }) => p99)} ms`;
}

const duration = (ms: number): string => (ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);

import { showMachine } from '../describe-machine';
import type { Latency } from '../latency';
import type { DrillReport } from './report';
import { scenarios } from './scenarios';

const HEAD = [
  '',
  'fault',
  'runs',
  'published',
  'lost',
  'twice',
  'wire',
  'refused',
  'acknowledged after',
  'delivered after',
  'all settled after',
  'publish before',
  'publish during',
];

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
    if (own.length > 0) return [[number, what, ...cellsOf(own)]];
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

function cellsOf(reports: readonly DrillReport[]): string[] {
  const sum = (value: (report: DrillReport) => number): string =>
    String(reports.reduce((total, report) => total + value(report), 0));
  const worst = (value: (report: DrillReport) => number | null): string => {
    const values = reports.map(value).filter((one) => one !== null);
    return values.length === 0 ? '-' : duration(Math.max(...values));
  };
  const refused = Object.entries(reports[0]?.refused ?? {}).map(([name]) => name);
  return [
    String(reports.length),
    sum(({ published }) => published),
    sum(({ lost }) => lost),
    sum(({ duplicateEffects }) => duplicateEffects),
    `${sum(({ wireDuplicates }) => wireDuplicates)} of ${sum(({ attemptsMet }) => attemptsMet)}`,
    [sum((report) => Object.values(report.refused).reduce((a, b) => a + b, 0)), ...refused].join(' '),
    worst(({ acknowledgedAfterMs }) => acknowledgedAfterMs),
    worst(({ deliveredAfterMs }) => deliveredAfterMs),
    worst(({ settledAfterMs }) => settledAfterMs),
    latencyOf(reports.map(({ publishMs }) => publishMs.before)),
    latencyOf(reports.map(({ publishMs }) => publishMs.during)),
  ];
}

/** The worst of each. */
function latencyOf(latencies: readonly (Latency | null)[]): string {
  const known = latencies.filter((one) => one !== null);
  if (known.length === 0) return '-';
  const worst = (of: (latency: Latency) => number): string => Math.max(...known.map(of)).toFixed(0);
  return `${worst(({ p50 }) => p50)} / ${worst(({ p99 }) => p99)} ms`;
}

const duration = (ms: number): string => (ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);

import { table, type Column } from '../../../ops/output';
import { showMachine, type describeMachine } from '../../describe-machine';
import { median } from '../../latency';
import { peers } from './all-peers';
import type { Measured, Percentiles } from './measure-peers';
import { PRODUCT } from './product';

/** The better mode of a system at one load: medians of the rounds. */
export type Line = Measured & {
  /** Events per second divided by the product's at the same load. */
  readonly ofProduct: number;
};

export interface PeersReport {
  readonly machine: ReturnType<typeof describeMachine>;
  readonly skipped: readonly string[];
  readonly failed: readonly string[];
  readonly lines: readonly Line[];
}

/** Plain peers first, then the safe ones; the product, which is always safe, stands in both. */
export function summarise(measured: readonly Measured[]): Line[] {
  const medians = groupBy(measured, (one) => JSON.stringify([loadOf(one), one.system, one.mode])).map(medianOf);
  const all = medians.flatMap((one) =>
    one.system === PRODUCT ? [{ ...one, mode: { ...one.mode, isSafe: false } }, one] : [one],
  );
  const best = groupBy(all, (one) => JSON.stringify([one.mode.isSafe, loadOf(one), one.system])).map((modes) =>
    modes.reduce((a, b) => (b.eventsPerSecond > a.eventsPerSecond ? b : a)),
  );
  const speedOf = (load: string): number =>
    best.find((one) => one.system === PRODUCT && loadOf(one) === load)?.eventsPerSecond ?? NaN;
  return best
    .map((one) => ({ ...one, ofProduct: one.eventsPerSecond / speedOf(loadOf(one)) }))
    .sort(
      (a, b) =>
        Number(a.mode.isSafe) - Number(b.mode.isSafe) ||
        a.consumers - b.consumers ||
        a.outstanding - b.outstanding ||
        b.eventsPerSecond - a.eventsPerSecond,
    );
}

export const loadOf = ({ consumers, outstanding }: Measured): string => `${consumers}/${outstanding}`;

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const one of list) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

function medianOf(rounds: readonly [Measured, ...Measured[]]): Measured {
  const of = (value: (one: Measured) => number): number => median(rounds.map(value));
  const percentiles = (values: (one: Measured) => Percentiles): Percentiles => ({
    p50: of((one) => values(one).p50),
    p95: of((one) => values(one).p95),
    p99: of((one) => values(one).p99),
  });
  const byProcess = (values: (one: Measured) => Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.keys(values(rounds[0])).map((name) => [name, of((one) => values(one)[name] ?? NaN)]));
  return {
    ...rounds[0],
    eventsPerSecond: of((one) => one.eventsPerSecond),
    acknowledgedMs: percentiles((one) => one.acknowledgedMs),
    deliveredMs: percentiles((one) => one.deliveredMs),
    cpuMs: byProcess((one) => one.cpuMs),
    megabytes: byProcess((one) => one.megabytes),
  };
}

export const nameOf = (system: string): string => peers[system]?.name ?? 'this product';

const round = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const show = ({ p50, p95, p99 }: Percentiles): string => [p50, p95, p99].map(round).join(' / ');
const list = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value < 10 ? value.toFixed(2) : value.toFixed(0)}`)
    .join(', ');

const systemOf = ({ system, mode }: Line): string =>
  `${nameOf(system)}${mode.isBatched && system !== PRODUCT ? ', in lists' : ''}`;

/** Who gains is named, so that a reader can judge. */
const UNEQUAL = [
  'BullMQ, graphile-worker: a list is one job, so an id is refused twice for the list, not for each event (gain of the peers).',
  "The queue's own round trip of a job, with its JSON, is paid for each consumer of an event, as a queue has it (gain of the product).",
  'The product counts when its workflow has ended, and writes rows and searchable states; a peer when its job is done (gain of the peers).',
  'Temporal runs as one process on SQLite with each commit synced, not on the PostgreSQL that a deployment has (either).',
  'In-house consumers of the product have 20 local activities at once, those of a peer 50 for each queue (gain of the peers).',
  'The peers are as we built and tuned them in a day, the product as we have tuned it for longer (gain of the product).',
];

const COLUMNS: readonly Column<Line>[] = [
  { title: 'consumers', of: ({ consumers }) => consumers },
  { title: 'outstanding', of: ({ outstanding }) => outstanding },
  {
    title: 'system',
    of: systemOf,
  },
  { title: 'events/s', of: ({ eventsPerSecond }) => Number(round(eventsPerSecond)) },
  { title: 'of ours', of: ({ ofProduct }) => Number(ofProduct.toFixed(2)) },
  { title: 'acknowledged, p50 / p95 / p99 ms', of: ({ acknowledgedMs }) => show(acknowledgedMs) },
  { title: 'last effect, p50 / p95 / p99 ms', of: ({ deliveredMs }) => show(deliveredMs) },
  { title: 'CPU, ms per event', of: ({ cpuMs }) => list(cpuMs) },
  { title: 'memory, MB', of: ({ megabytes }) => list(megabytes) },
];

/** The report for a person. */
export function printPeers({ machine, skipped, failed, lines }: PeersReport): string {
  const part = (title: string, isSafe: boolean): string[] => {
    const rows = lines.filter(({ mode }) => mode.isSafe === isSafe);
    return rows.some(({ system }) => system !== PRODUCT) ? [`${title}:`, '', table(rows, COLUMNS), ''] : [];
  };
  const systems = [...new Set(lines.map(({ system }) => system))].flatMap((system) => peers[system] ?? []);
  return [
    `${showMachine(machine)}; each system in its better mode, medians of the rounds`,
    '',
    ...part('As its documentation begins', false),
    ...part('With atomic fan-out, and nothing twice, as a team would have to add', true),
    ...systems.map(({ name, lacks }) => `${name} lacks ${lacks.join('; ')}.`),
    ...UNEQUAL.map((line) => `Unequal: ${line}`),
    ...skipped.map((line) => `Skipped: ${line}`),
    ...failed.map((line) => `FAILED: ${line}`),
  ].join('\n');
}

/** The figures as a table in Markdown. */
export function figuresOf(lines: readonly Line[]): string {
  const titles = ['consumers, outstanding', ...COLUMNS.slice(2).map(({ title }) => title)];
  const rows = lines.map((line) => [
    `${line.consumers}, ${line.outstanding.toLocaleString('en')}`,
    ...COLUMNS.slice(2).map(({ of }) => String(of(line))),
  ]);
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

import { cpus, totalmem } from 'node:os';
import { median, percentile, type Pair } from './compare';
import type { LargeEvents } from './large-events';
import type { JournalCost, JournalPair } from './journal';
import type { Block } from './run-block';
import type { Batches } from './batches';
import type { SeveralConsumers } from './several-consumers';

/** One measured quantity of both sides. */
interface Line {
  readonly name: string;
  readonly unit: string;
  readonly product: number;
  readonly bare: number;
  /** product / bare. */
  readonly ratio: number;
}

export interface Memory {
  /** Events that had been delivered in this run of events. */
  readonly events: number;
  readonly residentMegabytes: number;
}

export interface Report {
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGigabytes: number;
    readonly node: string;
  };
  readonly eventBytes: number;
  readonly inFlight: number;
  readonly lines: readonly Line[];
  readonly memory: readonly Memory[];
  /** Null: not measured; so with the others. */
  readonly threeConsumers: SeveralConsumers | null;
  readonly sixConsumers: SeveralConsumers | null;
  readonly batches: Batches | null;
  readonly journal: JournalCost | null;
  readonly largeEvents: LargeEvents | null;
  /** Events of the product whose row is in the table. */
  readonly verified: number;
  readonly notes: readonly string[];
}

export const describeMachine = (): Report['machine'] => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGigabytes: Math.round(totalmem() / 2 ** 30),
  node: process.version,
});

/** Quantities of blocks that ran by turns: medians of the blocks, and of the pairs' ratios. */
export function throughputLines(pairs: readonly Pair[], inFlight: number): Line[] {
  const of = (name: string, unit: string, value: (block: Block) => number): Line => ({
    name,
    unit,
    product: median(pairs.map(({ product }) => value(product))),
    bare: median(pairs.map(({ bare }) => value(bare))),
    ratio: median(pairs.map(({ product, bare }) => value(product) / value(bare))),
  });
  const processes = Object.keys(pairs[0]?.product.cpuMs ?? {});
  return [
    of(`throughput, ${inFlight} in flight`, 'events/s', ({ eventsPerSecond }) => eventsPerSecond),
    ...processes.map((name) => of(`CPU, ${name}`, 'ms/event', ({ cpuMs }) => cpuMs[name] ?? NaN)),
    ...(processes.length > 1 ? [of('CPU, all', 'ms/event', ({ cpuMs }) => sum(Object.values(cpuMs)))] : []),
  ];
}

/** Percentiles over the events of all blocks. */
export function latencyLines(pairs: readonly Pair[]): Line[] {
  const kinds = [
    ['publish to accepted', ({ acceptedMs }: Block) => acceptedMs],
    ['publish to delivered', ({ finishedMs }: Block) => finishedMs],
  ] as const;
  return kinds.flatMap(([name, values]) =>
    [0.5, 0.95, 0.99].map((share) => {
      const product = percentile(
        pairs.flatMap((pair) => values(pair.product)),
        share,
      );
      const bare = percentile(
        pairs.flatMap((pair) => values(pair.bare)),
        share,
      );
      return { name: `${name}, p${share * 100}`, unit: 'ms', product, bare, ratio: product / bare };
    }),
  );
}

/** The report for a person. */
export function printReport(report: Report): string {
  const { machine, eventBytes, lines, memory, threeConsumers, sixConsumers, batches, journal, largeEvents } = report;
  const { verified, notes } = report;
  const number = (value: number): string =>
    (Number.isFinite(value) ? value.toFixed(value < 10 ? 2 : 1) : '-').padStart(10);
  const row = ({ name, unit, product, bare, ratio }: Line): string =>
    `  ${name.padEnd(36)}${unit.padEnd(10)}${number(product)}${number(bare)}${number(ratio)}`;
  return [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, Node ${machine.node}; ${eventBytes} bytes per event`,
    '',
    `  ${''.padEnd(46)}${['product', 'bare', 'ratio'].map((title) => title.padStart(10)).join('')}`,
    ...lines.map(row),
    '',
    ...memory.map(
      ({ events, residentMegabytes }) =>
        `  worker memory after ${String(events).padStart(6)} events ${residentMegabytes.toFixed(0).padStart(5)} MB`,
    ),
    '',
    ...(threeConsumers ? severalLines('stored, mailed to two and posted', 'webhooks', threeConsumers) : []),
    ...(sixConsumers ? severalLines('by all six consumers', 'Zendesk tickets', sixConsumers) : []),
    ...(batches ? ['', ...batchLines(batches)] : []),
    ...(journal ? ['', ...journalLines(journal)] : []),
    ...(largeEvents ? ['', ...largeEventLines(largeEvents)] : []),
    '',
    `  ${verified} events of the product were found in the table, each once.`,
    ...notes.map((note) => `  ${note}`),
  ].join('\n');
}

function severalLines(how: string, what: string, several: SeveralConsumers): string[] {
  const { eventsPerSecond, deliveredMs, batches, sendsAlone, hangingSites, well, beside, besideRatio } = several;
  return [
    `  ${how}: ${eventsPerSecond.toFixed(1)} events/s at 50 in flight; delivered at 1 in flight: ${ms(deliveredMs)}`,
    `  the same, 2000 at once, in ${batches.workflows} workflows: ${batches.eventsPerSecond.toFixed(1)} events/s; the same sends alone: ${sendsAlone.toFixed(1)}`,
    `  ${what} of two sites, publish to arrival, beside ${hangingSites} that are well: ${ms(well)}; that hang: ${ms(beside)}; ratio ${besideRatio.toFixed(1)} (limit 3)`,
  ];
}

function batchLines({
  many,
  few,
  statements,
  ofStatements,
  besideFlood,
  besideMany,
  workerMegabytes,
}: Batches): string[] {
  const flow = ({ eventsPerSecond, workflows, deliveredMs }: Batches['many']): string =>
    `${eventsPerSecond.toFixed(0)} events/s in ${workflows} workflows, ${ms(deliveredMs)}`;
  return [
    `  batches, one data queue each: 2000 outstanding: ${flow(many)}`,
    `                               50 outstanding: ${flow(few)}`,
    `  the same statements alone: ${statements.toFixed(0)} events/s; batches reach ${(100 * ofStatements).toFixed(0)} % of it`,
    `  a quiet site beside a flood of one: ${ms(besideFlood)}; beside as much of a hundred: ${ms(besideMany)}`,
    `  worker memory by tenths of the batches' run: ${workerMegabytes.join(' ')} MB`,
  ];
}

function largeEventLines({ before, openRuns, besideOpenRuns, files, besideFiles }: LargeEvents): string[] {
  return [
    `  worker memory: ${before} MB; beside ${openRuns} open runs of almost 2 MiB: ${besideOpenRuns} MB at most (limit 1000)`,
    `                 while ${files} files of 14 MiB are mailed: ${besideFiles} MB at most (limit 1000)`,
  ];
}

function journalLines({ perSecond, temporalUp, temporalDown }: JournalCost): string[] {
  const line = (when: string, { publishMs, bareMs }: JournalPair): string => {
    const of = ({ p50, p99 }: JournalPair['bareMs']): string => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
    const ratio = (publishMs.p99 / bareMs.p99).toFixed(2);
    return `  publish with a journal, ${perSecond}/s, ${when}: ${of(publishMs)}; bare group fsync: ${of(bareMs)}; ratio ${ratio}`;
  };
  return [line('Temporal up', temporalUp), line('Temporal down', temporalDown)];
}

const ms = ({ p50, p99 }: { readonly p50: number; readonly p99: number }): string =>
  `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

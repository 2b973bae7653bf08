import { table } from '../../ops/output';
import { showMachine, type describeMachine } from '../describe-machine';
import { median, percentile, showLatency } from '../latency';
import type { Pair } from './compare';
import type { JournalCost, JournalPair } from './journal';
import type { LargeEvents } from './large-events';
import { showFlow, type Batches } from './batches';
import type { Block } from './run-block';
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
  readonly machine: ReturnType<typeof describeMachine>;
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
  return kinds.flatMap(([name, values]) => {
    const all = (side: keyof Pair): number[] => pairs.flatMap((pair) => values(pair[side]));
    return [0.5, 0.95, 0.99].map((share) => {
      const [product, bare] = [percentile(all('product'), share), percentile(all('bare'), share)];
      return { name: `${name}, p${share * 100}`, unit: 'ms', product, bare, ratio: product / bare };
    });
  });
}

/** The report for a person. */
export function printReport(report: Report): string {
  const { machine, eventBytes, lines, memory, threeConsumers, sixConsumers, batches, journal, largeEvents } = report;
  const { verified, notes } = report;
  const number = (value: number): string => (Number.isFinite(value) ? value.toFixed(value < 10 ? 2 : 1) : '-');
  const measured = table(lines, [
    { title: '', of: ({ name }) => name },
    { title: '', of: ({ unit }) => unit },
    { title: 'product', of: ({ product }) => number(product) },
    { title: 'bare', of: ({ bare }) => number(bare) },
    { title: 'ratio', of: ({ ratio }) => number(ratio) },
  ]);
  return [
    `${showMachine(machine)}; ${eventBytes} bytes per event`,
    '',
    ...measured.split('\n').map((line) => `  ${line}`),
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
  const { eventsPerSecond, workflows, deliveredMs, batches, sendsAlone, hangingSites, well, beside, besideRatio } =
    several;
  return [
    `  ${how}: ${eventsPerSecond.toFixed(1)} events/s at 50 in flight, in ${workflows} workflows; delivered at 1 in flight: ${showLatency(deliveredMs)}`,
    `  the same, 2000 at once, in ${batches.workflows} workflows: ${batches.eventsPerSecond.toFixed(1)} events/s; the same sends alone: ${sendsAlone.toFixed(1)}`,
    `  ${what} of two sites, publish to arrival, beside ${hangingSites} that are well: ${showLatency(well)}; that hang: ${showLatency(beside)}; ratio ${besideRatio.toFixed(1)} (limit 3)`,
  ];
}

function batchLines({ many, few, statements, ofStatements, ...others }: Batches): string[] {
  const { besideFlood, besideMany, workerMegabytes } = others;
  return [
    `  batches, one data queue each: 2000 outstanding: ${showFlow(many)}`,
    `                               50 outstanding: ${showFlow(few)}`,
    `  the same statements alone: ${statements.toFixed(0)} events/s; batches reach ${(100 * ofStatements).toFixed(0)} % of it`,
    `  a quiet site beside a flood of one: ${showLatency(besideFlood)}; beside as much of a hundred: ${showLatency(besideMany)}`,
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
    const [publish, bare, ratio] = [showLatency(publishMs, 1), showLatency(bareMs, 1), publishMs.p99 / bareMs.p99];
    return `  publish with a journal, ${perSecond}/s, ${when}: ${publish}; bare group fsync: ${bare}; ratio ${ratio.toFixed(2)}`;
  };
  return [line('Temporal up', temporalUp), line('Temporal down', temporalDown)];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

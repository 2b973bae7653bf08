/**
 * `npx tsx lab/bench/scaling.ts FILE...`: what a rate of events needs, from the costs that one machine has shown:
 * each FILE is what `npm run bench -- --only peers --systems product --json` printed. docs/scaling.md explains it.
 */
import { readFileSync } from 'node:fs';
import { table } from '../../ops/output';
import { createRandom, type Random } from '../random';
import { percentile } from '../latency';

/** The part of a report that is read here. */
interface CostReport {
  readonly lines: readonly {
    readonly system: string;
    readonly consumers: number;
    readonly outstanding: number;
    readonly cpuMs: Readonly<Record<string, number>>;
    readonly deliveredMs: { readonly p50: number };
  }[];
}

const ROLES = ['publisher', 'worker', 'Temporal', 'PostgreSQL'] as const;
type Costs = Readonly<Record<(typeof ROLES)[number], number>>;

const RATES = [10, 100, 1_000, 3_000, 10_000];
/** Share of a core that is used at the most, so that waits stay short and a machine may fail. */
const USED = 0.6;
/** Bytes in PostgreSQL for an event with one delivery, and for each further delivery; without the tables of a chat. */
const BYTES = { event: 1_000, delivery: 450 };
const DAY = 24 * 3600;

/** @throws when the report has no such line */
function costsAt({ lines }: CostReport, consumers: number, outstanding: number) {
  const line = lines.find(
    (one) => one.system === 'product' && one.consumers === consumers && one.outstanding === outstanding,
  );
  if (line === undefined)
    throw new Error(`The report has no product with ${consumers} consumers at ${outstanding} outstanding.`);
  const costs = Object.fromEntries(ROLES.map((role) => [role, line.cpuMs[role] ?? 0])) as Costs; // of each role
  return { costs, baseMs: line.deliveredMs.p50 };
}

const cores = (costs: Costs, role: keyof Costs, rate: number): number => (rate * costs[role]) / 1000 / USED;

interface Line {
  readonly rate: number;
  readonly consumers: number;
  readonly how: string;
  readonly costs: Costs;
  readonly baseMs: number;
}

function main(files: readonly string[]): void {
  const lines = files.flatMap((file) => (JSON.parse(readFileSync(file, 'utf8')) as CostReport).lines); // printed by the benchmark
  const report = { lines };
  const measured = [1, 6].filter((count) =>
    lines.some(({ system, consumers }) => system === 'product' && consumers === count),
  );
  const random = createRandom(1);
  const all: Line[] = measured.flatMap((consumers) =>
    RATES.flatMap((rate) =>
      (['alone', 'batches'] as const).map((how) => {
        const { costs } = costsAt(report, consumers, how === 'alone' ? 1 : 2_000);
        return { rate, consumers, how, costs, baseMs: costsAt(report, consumers, 1).baseMs };
      }),
    ),
  );
  const digits = (value: number): number => (value < 10 ? Number(value.toFixed(1)) : Math.round(value));
  console.log(
    table(all, [
      { title: 'events/s', of: ({ rate }) => rate },
      { title: 'consumers', of: ({ consumers }) => consumers },
      { title: 'travel', of: ({ how }) => how },
      ...ROLES.map((role) => ({
        title: `cores of ${role}`,
        of: ({ costs, rate }: Line) => digits(cores(costs, role, rate)),
      })),
      { title: 'worker processes', of: ({ costs, rate }) => Math.ceil(cores(costs, 'worker', rate)) },
      {
        title: 'GB a day',
        of: ({ rate, consumers }) => digits((rate * DAY * (BYTES.event + (consumers - 1) * BYTES.delivery)) / 1e9),
      },
      { title: 'p50 / p99 ms', of: (line) => (line.consumers === 1 ? showWaits(line, random) : '') },
    ]),
  );
}

const SIMULATED_MS = 30_000;
const MOST_EVENTS = 200_000;
/** Workflows of one publisher that are under way, and events in one at the most. */
const LANES = 4;
const BATCH = 500;

/**
 * The waits of events that come at random at this rate, on as many cores as the line says. Each event alone: its workflow begins
 * at once and shares the cores with the others. Batches: what waits goes together when one of the lanes is free.
 */
function showWaits({ rate, costs, how, baseMs }: Line, random: Random): string {
  const perEvent = ROLES.reduce((sum, role) => sum + costs[role], 0);
  const count = Math.min(MOST_EVENTS, Math.round((rate * SIMULATED_MS) / 1000));
  const machine = ROLES.reduce((sum, role) => sum + Math.ceil(cores(costs, role, rate)), 0);
  const publishers = Math.ceil(cores(costs, 'publisher', rate));
  const lanes = how === 'alone' ? Math.max(1, Math.round((machine * baseMs) / perEvent)) : LANES * publishers;
  const most = how === 'alone' ? 1 : BATCH;
  const free: number[] = Array.from({ length: lanes }, () => 0);
  const arrivals: number[] = [];
  for (let at = 0; arrivals.length < count;)
    arrivals.push((at += (-Math.log(random.between(1, 1e9) / 1e9) * 1000) / rate));
  const waits: number[] = [];
  for (let first = 0; first < count;) {
    const lane = free.indexOf(Math.min(...free));
    const begins = Math.max(free[lane] ?? 0, arrivals[first] ?? 0);
    let size = 1;
    while (size < most && (arrivals[first + size] ?? Infinity) <= begins) size += 1;
    const ends = begins + baseMs + (most === 1 ? 0 : (size * perEvent * lanes) / machine);
    for (let n = first; n < first + size; n++) waits.push(ends - (arrivals[n] ?? 0));
    free[lane] = ends;
    first += size;
  }
  return `${percentile(waits, 0.5).toFixed(0)} / ${percentile(waits, 0.99).toFixed(0)}`;
}

main(process.argv.slice(2));

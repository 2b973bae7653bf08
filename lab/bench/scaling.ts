/**
 * The machines for a rate of events, from the costs that one machine has shown: docs/scaling.md explains it, and lab/bench/peers/write-figures.ts
 * writes it there.
 */
import { table } from '../../ops/output';
import { createRandom, type Random } from '../random';
import { percentile } from '../latency';

/** The fields that are read of each line of the product. */
interface Cost {
  readonly consumers: number;
  readonly outstanding: number;
  readonly eventsPerWorkflow: number;
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly acknowledgedMs: { readonly p50: number };
  readonly deliveredMs: { readonly p50: number };
}

const ROLES = ['publisher', 'worker', 'Temporal', 'PostgreSQL'] as const;
type Costs = Readonly<Record<(typeof ROLES)[number], number>>;

const RATES = [10, 100, 1_000, 3_000, 10_000];
/** Share of a core that is used at the most where each event travels alone. */
const USED = 0.6;
/** Cores of all roles together that are tried where events go in batches; the first with this wait at the most is shown. */
const CORES = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];
const MOST_WAIT_MS = 2_000;
/** Bytes in PostgreSQL for an event with one delivery, and for each further delivery; without the tables of a chat. */
const BYTES = { event: 1_000, delivery: 450 };
const DAY = 24 * 3600;
const SIMULATED_MS = 30_000;
const MOST_EVENTS = 100_000;
/** Starts of one publisher that are under way, and events in one at the most, as the publisher's defaults are. */
const STARTS = 4;
const BATCH = 500;

/** The cost of a workflow, and of each of its events beside it: CPU milliseconds. */
interface Model {
  readonly workflow: Costs;
  readonly event: Costs;
  /** The time of a start, and of an event alone, on a quiet machine. */
  readonly startMs: number;
  readonly aloneMs: number;
}

/** From the cost of an event alone, and of one in batches of a known size: the cost of any other size. */
function modelOf(lines: readonly Cost[], consumers: number): Model | undefined {
  const at = (outstanding: number) =>
    lines.find((one) => one.consumers === consumers && one.outstanding === outstanding);
  const [alone, many] = [at(1), at(2_000)];
  if (alone === undefined || many === undefined) return undefined;
  const share = (role: string): number =>
    Math.max(0, (alone.cpuMs[role] ?? 0) - (many.cpuMs[role] ?? 0)) / (1 - 1 / Math.max(1.01, many.eventsPerWorkflow));
  const of = (value: (role: string) => number): Costs =>
    Object.fromEntries(ROLES.map((role) => [role, value(role)])) as Costs; // of each role
  return {
    workflow: of((role) => Math.min(share(role), alone.cpuMs[role] ?? 0)),
    event: of((role) => Math.max(0, (alone.cpuMs[role] ?? 0) - share(role))),
    startMs: alone.acknowledgedMs.p50,
    aloneMs: alone.deliveredMs.p50,
  };
}

const sum = (costs: Costs): number => ROLES.reduce((all, role) => all + costs[role], 0);
const costOf = ({ workflow, event }: Model, role: keyof Costs, size: number): number =>
  workflow[role] / size + event[role];

interface Line {
  readonly rate: number;
  readonly consumers: number;
  readonly how: 'alone' | 'batches';
  readonly model: Model;
  readonly machine: number;
  readonly size: number;
  readonly p50: number;
  readonly p99: number;
}

/** @param lines those of the product @returns undefined where it was not measured at 1 and at 2,000 outstanding */
export function scalingTable(lines: readonly Cost[]): string | undefined {
  const random = createRandom(1);
  const all = [1, 6].flatMap((consumers) => {
    const model = modelOf(lines, consumers);
    if (model === undefined) return [];
    return RATES.flatMap((rate): Line[] => {
      const machine = Math.max(2, Math.ceil((rate * (sum(model.workflow) + sum(model.event))) / 1000 / USED));
      const common = { rate, consumers, model };
      const alone: Line = { ...common, how: 'alone', machine, ...simulate({ rate, model, machine, most: 1 }, random) };
      const tried = CORES.map((cores): Line => ({
        ...common,
        how: 'batches',
        machine: cores,
        ...simulate({ rate, model, machine: cores, most: BATCH }, random),
      }));
      const enough = tried.find(({ p99 }) => p99 <= Math.max(MOST_WAIT_MS, 4 * model.aloneMs));
      return enough === undefined ? [alone] : [alone, enough];
    });
  });
  if (all.length === 0) return undefined;
  return table(all, [
    { title: 'events/s', of: ({ rate }) => rate },
    { title: 'consumers', of: ({ consumers }) => consumers },
    { title: 'travel', of: ({ how }) => how },
    { title: 'in a workflow', of: ({ size }) => digits(size) },
    { title: 'cores', of: ({ machine }) => machine },
    ...ROLES.map((role) => ({
      title: `of ${role}`,
      of: ({ model, size, rate }: Line) => digits((rate * costOf(model, role, size)) / 1000),
    })),
    {
      title: 'GB a day',
      of: ({ rate, consumers }) => digits((rate * DAY * (BYTES.event + (consumers - 1) * BYTES.delivery)) / 1e9),
    },
    { title: 'p50 / p99 ms', of: ({ p50, p99 }) => `${p50.toFixed(0)} / ${p99.toFixed(0)}` },
  ]);
}

const digits = (value: number): number => (value < 10 ? Number(value.toFixed(1)) : Math.round(value));

interface Simulated {
  readonly rate: number;
  readonly model: Model;
  readonly machine: number;
  readonly most: number;
}

/**
 * Events come at random. One of a publisher's starts takes the events that wait, and is free again when the start is done, not the workflow: after a
 * wait for a core, and the time of a start. The rest of the workflow keeps its core for its own cost. A publisher has at most a thousand
 * events per second in batches, and a hundred alone.
 */
function simulate({ rate, model, machine, most }: Simulated, random: Random) {
  const starts = STARTS * Math.ceil(rate / (most === 1 ? 100 : 1_000));
  const count = Math.min(MOST_EVENTS, Math.round((rate * SIMULATED_MS) / 1000));
  const [start, core] = [freeFrom(starts), freeFrom(machine)];
  const arrivals: number[] = [];
  for (let at = 0; arrivals.length < count;)
    arrivals.push((at += (-Math.log(random.between(1, 1e9) / 1e9) * 1000) / rate));
  const [perWorkflow, perEvent] = [sum(model.workflow), sum(model.event)];
  const waits: number[] = [];
  let workflows = 0;
  for (let first = 0; first < count; workflows++) {
    const begins = Math.max(start.next(), arrivals[first] ?? 0);
    let size = 1;
    while (size < most && (arrivals[first + size] ?? Infinity) <= begins) size += 1;
    const runs = Math.max(core.next(), begins);
    core.take(runs + perWorkflow + size * perEvent);
    start.take(runs + model.startMs);
    const ends = runs + model.aloneMs + (size - 1) * perEvent;
    for (let n = first; n < first + size; n++) waits.push(ends - (arrivals[n] ?? 0));
    first += size;
  }
  return { size: count / workflows, p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) };
}

/** So many that are each free from a moment on: a heap, as there are thousands of cores. */
function freeFrom(most: number) {
  const times = Array.from({ length: most }, () => 0);
  return {
    next: () => times[0] ?? 0,
    /** The first that is free is free again from this moment on. */
    take(until: number): void {
      let at = 0;
      for (;;) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        const child = (times[right] ?? Infinity) < (times[left] ?? Infinity) ? right : left;
        const time = times[child];
        if (time === undefined || time >= until) break;
        times[at] = time;
        at = child;
      }
      times[at] = until;
    },
  };
}

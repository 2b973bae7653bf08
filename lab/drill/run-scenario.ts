import { setTimeout as pause } from 'node:timers/promises';
import { countTriesOfOthers } from '../queries/counts';
import { readSettlements } from '../queries/read-settlements';
import { createRandom } from '../random';
import type { DayLine } from '../read-day';
import type { Progress } from '../progress';
import { settle } from '../settle';
import { takeAccount } from '../take-account';
import { countDuplicates } from './count-duplicates';
import { checkExpectations } from './expectations';
import { inject } from './inject';
import { makeEvents } from '../make-events';
import { openSystem, type System, type SystemOptions } from './open-system';
import { publishSteadily, type Published } from './publish-steadily';
import { summarise, type DrillReport, type Seen } from './report';
import { USUAL_SHARE, type Scenario } from './scenario';
import { countTasks } from './count-tasks';

export interface RunOptions extends Omit<SystemOptions, 'setUp'> {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly events: number;
  /** Events per second, where the scenario does not say otherwise. */
  readonly rate: number;
  readonly progress: Progress;
}

export interface DrillRun {
  readonly report: DrillReport;
  readonly seen: Seen;
}

/** The first events, which find everything cold. */
const WARM_UP = 12;
const STALLED_AFTER_MS = 180_000;
const EMPTIES_WITHIN_MS = 120_000;

/** Runs the whole system, publishes, injects the fault at a random moment, waits until all is settled, and counts. */
export async function runScenario(options: RunOptions): Promise<DrillRun> {
  const { scenario, seed, progress, previous, ...others } = options;
  const { setUp = {} } = scenario;
  progress.show(`  ${scenario.name}, seed ${seed}: starting ...`);
  const system = await openSystem({
    ...others,
    setUp,
    previous: setUp.workersOf === 'previous release' ? previous : undefined,
  });
  try {
    return await runOn(system, options);
  } catch (error) {
    if (system.endings.length === 0) throw error;
    throw new Error([...system.endings, String(error)].join('\n'), { cause: error });
  } finally {
    await system.close();
  }
}

async function runOn(system: System, options: RunOptions): Promise<DrillRun> {
  const { scenario, seed, progress } = options;
  const { load, before = [], after = [] } = scenario;
  const rate = options.rate * (load?.times ?? 1);
  const count = load?.seconds === undefined ? options.events : Math.ceil(load.seconds * rate);
  const events = makeEvents(seed, WARM_UP + count, scenario.setUp?.padBytes);
  const random = createRandom(seed);
  const steps = typeof scenario.steps === 'function' ? scenario.steps(createRandom(seed)) : scenario.steps;
  const say = (text: string): void => progress.show(`  ${scenario.name}, seed ${seed}: ${text}`);
  let until = Infinity;
  let answered = 0;
  const publish = (lines: readonly DayLine[], perSecond: number): Promise<Published[]> =>
    publishAll(system, lines, { rate: perSecond, until: () => until, scenario, onAnswer: () => (answered += 1) });

  const first = await publish(events.slice(0, WARM_UP), 20);
  await untilSettled(system, first, say);
  await inject(system, before, ({ says }) => say(says));
  const publishing = publish(events.slice(WARM_UP), rate);
  await pause(momentOf(scenario, random.between(0, 1_000) / 1_000, count / rate));
  const injected = await inject(system, steps, ({ says }) => say(`${answered} published; ${says}`));
  until = Date.now() + STALLED_AFTER_MS;
  const published = [...first, ...(await publishing)];
  const publishedAt = Date.now();
  const window = hasFault(scenario) ? injected : { ...injected, end: publishedAt };
  const isSettled = await untilSettled(system, published, say);
  const settledAt = Date.now();
  await inject(system, after, ({ says }) => say(says));
  const isStill = after.length === 0 || (await untilSettled(system, published, say, 'nothing parked'));
  const isEmptied = await untilEmptied(system, say);

  const silentSite = scenario.setUp?.silentSite;
  const publications = published.map(({ publication }) => publication);
  const account = await takeAccount(system.db, publications, system.destinations);
  const seen = { published, settlements: await readSettlements(system.db), injected: window };
  const report = summarise({
    scenario,
    seed,
    rate,
    capacity: options.rate / USUAL_SHARE,
    account,
    seen,
    settledAt,
    duplicates: await countDuplicates(system.db, publications, system.destinations),
    otherSitesTries: silentSite === undefined ? null : await countTriesOfOthers(system.db, silentSite),
    wireDuplicates: system.destinations.wireDuplicates(),
    tasks: await countTasks(system, window),
  });
  const unsettled = [
    !(isSettled && isStill) && 'Something was still under way when nothing moved any more.',
    !isEmptied && 'A journal still has entries although all is settled.',
  ].filter((problem) => problem !== false);
  return {
    report: { ...report, problems: [...system.endings, ...unsettled, ...checkExpectations(scenario, report)] },
    seen,
  };
}

/** When the fault comes: in the second to fourth fifth of the time; at once where the load is the fault. */
function momentOf(scenario: Scenario, at: number, seconds: number): number {
  const { load } = scenario;
  if (!hasFault(scenario)) return 0;
  if (load?.seconds !== undefined) return 5_000 * (0.5 + at); // the fault takes nearly all of the time
  return 1000 * seconds * (0.2 + 0.6 * at);
}

const hasFault = ({ steps }: Scenario): boolean => typeof steps === 'function' || steps.length > 0;

interface Publishing {
  readonly rate: number;
  readonly until: () => number;
  readonly scenario: Pick<Scenario, 'dropsRefused'>;
  readonly onAnswer: () => void;
}

/** One event in so many comes from every publisher, where there are several. */
const SHARED_EVERY = 5;

/** By the one publisher, or by several in turn. */
export async function publishAll(
  { publishers }: System,
  lines: readonly DayLine[],
  { rate, until, scenario: { dropsRefused = false }, onAnswer }: Publishing,
): Promise<Published[]> {
  const count = publishers.length;
  const each = publishers.map((publisher, p) => {
    const own = lines.filter((_, n) => count === 1 || n % count === p || n % SHARED_EVERY === 0);
    const givesUp = (n: number): boolean => dropsRefused && n % 2 === 0;
    const share = (rate * own.length) / lines.length;
    return publishSteadily({ publisher, lines: own, rate: share, givesUp, onAnswer, until });
  });
  return (await Promise.all(each)).flat();
}

/** Until every event that was accepted is recorded and every delivery is final. */
export async function untilSettled(
  { db }: System,
  published: readonly Published[],
  say: (text: string) => void,
  alsoParked?: 'nothing parked',
): Promise<boolean> {
  const accepted = published.flatMap(({ publication }) =>
    publication.outcome === 'accepted' ? [publication.key] : [],
  );
  const count = new Set(accepted).size;
  return await settle(db, {
    isSettled: ({ events, pending, parked }) => events >= count && pending === 0 && !(alsoParked && parked > 0),
    onCounts: ({ events, delivered, pending, parked }) =>
      say(`${events} of ${count} recorded; ${delivered} delivered, ${pending} under way, ${parked} parked`),
    stalledAfterMs: STALLED_AFTER_MS,
  });
}

export async function untilEmptied({ publishers }: System, say: (text: string) => void): Promise<boolean> {
  const deadline = performance.now() + EMPTIES_WITHIN_MS;
  for (;;) {
    const all = await Promise.all(publishers.map((publisher) => publisher.status()));
    const entries = all.reduce((sum, status) => sum + (status?.journal?.entries ?? 0), 0);
    if (entries === 0) return true;
    if (performance.now() > deadline) return false;
    say(`${entries} events in the journal`);
    await pause(500);
  }
}

import { countAttempts } from '../queries/counts';
import type { System } from './open-system';
import type { Step } from './scenario';

export interface Injected {
  /** Begin of the first step and end of the last, in ms since 1970. */
  readonly begin: number;
  readonly end: number;
  /** Sends that may come again: attempts that were sending at each fault, those that a destination left without an answer, and those between a copy and its restore. */
  readonly attempts: number;
  /** How often each fault was caused, by its words. */
  readonly faults: Readonly<Record<string, number>>;
}

/** Does the steps one after the other, and counts the attempts that each fault meets in the middle. */
export async function inject(system: System, steps: Iterable<Step>, onStep: (step: Step) => void): Promise<Injected> {
  const begin = Date.now();
  const faults: Record<string, number> = {};
  let attempts = 0;
  /** Of the last fault. */
  let met = 0;
  let at = begin;
  /** The database has not answered since. */
  let isOpen = false;
  /** Messages that had been sent at the time to which the database is restored. */
  let sentBefore: number | undefined;
  const sent = (): number => sum(system.destinations.distinct()) + system.destinations.wireDuplicates();
  for (const step of steps) {
    onStep(step);
    if (step.isForgotten === true) sentBefore = sent();
    if (step.isFault) {
      faults[step.says] = (faults[step.says] ?? 0) + 1;
      attempts += met + (sentBefore === undefined ? 0 : sent() - sentBefore);
      sentBefore = undefined;
      met = 0;
      at = Date.now();
      met = (await attemptsAt(system, at)) ?? 0;
      isOpen = true;
    }
    await step.run(system);
    if (!isOpen) continue;
    // Those that began in between. A database that was away has them when it is back.
    const then = await attemptsAt(system, at);
    isOpen = then === undefined;
    met = Math.max(met, then ?? 0);
  }
  return { begin, end: Date.now(), attempts: attempts + met + system.outages.unanswered(), faults };
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** Undefined where the database does not answer. */
const attemptsAt = ({ db }: System, at: number): Promise<number | undefined> =>
  countAttempts(db, at).catch(() => undefined);

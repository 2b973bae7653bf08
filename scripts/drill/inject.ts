import { countAttempts } from '../../db/demo/count-attempts';
import type { System } from './open-system';
import type { Step } from './scenario';

export interface Injected {
  /** Begin of the first step and end of the last, in ms since 1970. */
  readonly begin: number;
  readonly end: number;
  /** Attempts that were sending at each fault, in all: what they sent may come again. */
  readonly attempts: number;
}

/** Does the steps one after the other, and counts what each fault meets in the middle. */
export async function inject(system: System, steps: readonly Step[], onStep: (step: Step) => void): Promise<Injected> {
  const begin = Date.now();
  let attempts = 0;
  /** Of the last fault. */
  let met = 0;
  let at = begin;
  for (const step of steps) {
    onStep(step);
    if (step.isFault) {
      attempts += met;
      met = 0;
      at = Date.now();
      met = await attemptsAt(system, at);
    }
    await step.run(system);
    // Those that began in between. A database that was away has them when it is back.
    if (step.isFault || met === 0) met = Math.max(met, await attemptsAt(system, at));
  }
  return { begin, end: Date.now(), attempts: attempts + met };
}

/** 0 where the database does not answer. */
const attemptsAt = ({ db }: System, at: number): Promise<number> => countAttempts(db, at).catch(() => 0);

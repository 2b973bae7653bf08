import { createRandom } from '../random';
import { chaos } from './chaos';
import type { Step } from './scenario';

/** The first steps of a run without an end, without the waits. */
function firstSteps(seed: number, count: number): Step[] {
  const steps: Step[] = [];
  for (const step of chaos(createRandom(seed), {})) {
    if (!/^[\d.]+ s$/.test(step.says)) steps.push(step);
    if (steps.length === count) break;
  }
  return steps;
}

const saysOf = (steps: readonly Step[]): string[] => steps.map(({ says }) => says);

it('does the same in the same order for the same seed', () => {
  expect(saysOf(firstSteps(7, 200))).toEqual(saysOf(firstSteps(7, 200)));
  expect(saysOf(firstSteps(7, 200))).not.toEqual(saysOf(firstSteps(8, 200)));
});

it('kills everything, only servers that run, and starts only those that were killed', () => {
  const down = new Set<string>();
  const killed = new Set<string>();
  for (const { says, isFault } of firstSteps(1, 500)) {
    const [, name = says] = /^(.*?) (?:killed|shut down|started)$/.exec(says) ?? [];
    expect(down.has(name)).toBe(!isFault);
    if (isFault) killed.add(name);
    if (isFault) down.add(name);
    else down.delete(name);
  }
  expect([...killed].toSorted()).toEqual(
    [
      'main',
      'standby',
      'postgres',
      'publisher',
      'worker 1',
      'worker 2',
      'webhook',
      'email',
      'salesforce',
      'zendesk',
    ].toSorted(),
  );
});

it('starts all that is down when it has killed enough', () => {
  const down = new Set<string>();
  let kills = 0;
  for (const { says, isFault } of chaos(createRandom(1), { kills: 20 })) {
    const name = says.replace(/ (?:killed|shut down|started)$/, '');
    if (isFault) kills += 1;
    if (isFault) down.add(name);
    else down.delete(name);
  }
  expect(kills).toBe(20);
  expect([...down]).toEqual([]);
});

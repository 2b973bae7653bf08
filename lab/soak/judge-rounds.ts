import { median } from '../latency';
import type { Round, Sizes } from './run-round';

/** By size: how much larger the last third of the rounds may be than the third before it, and the growth (MB) that is allowed in any case. */
const MOST = {
  workers: { times: 1.1, megabytes: 20 },
  tables: { times: 1.1, megabytes: 5 },
  journals: { times: 1.1, megabytes: 5 },
} as const satisfies Partial<Record<keyof Sizes, object>>;

/** Below it, there are too few rounds to say that nothing grows. */
export const LEAST_ROUNDS = 9;

/** @returns each expectation that does not hold, in words; sizes are judged from nine rounds on */
export function judgeRounds(rounds: readonly Round[]): string[] {
  const ofRounds = rounds.flatMap(({ round, lost, twice, problems }) => [
    ...(lost > 0 ? [`Round ${round}: ${lost} deliveries are lost.`] : []),
    ...(twice > 0 ? [`Round ${round}: ${twice} effects are there twice.`] : []),
    ...problems.map((problem) => `Round ${round}: ${problem}`),
  ]);
  if (rounds.length < LEAST_ROUNDS) return ofRounds;
  const third = Math.floor(rounds.length / 3);
  const grown = Object.entries(MOST).flatMap(([name, { times, megabytes }]) => {
    const of = (some: readonly Round[]): number => median(some.map(({ sizes }) => sizes[name as keyof Sizes])); // its keys
    const [earlier, last] = [of(rounds.slice(third, 2 * third)), of(rounds.slice(-third))];
    return last <= Math.max(earlier * times, earlier + megabytes)
      ? []
      : [`The ${name} have grown: ${earlier} MB in the second third of the rounds, ${last} MB in the last.`];
  });
  return [...ofRounds, ...grown];
}

import { judgeRounds } from './judge-rounds';
import type { Round, Sizes } from './run-round';

const sizes: Sizes = { workers: 400, tables: 3, journals: 1, temporal: 50 };

const round = (n: number, given: Partial<Round> = {}): Round => ({
  round: n,
  events: 1_000,
  seconds: 60,
  faults: 8,
  lost: 0,
  twice: 0,
  wireDuplicates: 1,
  attemptsMet: 5,
  problems: [],
  sizes,
  ...given,
});

const rounds = (given: (n: number) => Partial<Round>): Round[] =>
  Array.from({ length: 12 }, (_, n) => round(n + 1, given(n)));

describe('judgeRounds', () => {
  it('finds nothing wrong where nothing is lost and nothing grows but what Temporal keeps for a day', () => {
    expect(judgeRounds(rounds((n) => ({ sizes: { ...sizes, temporal: 50 * n } })))).toEqual([]);
  });

  it('names each round in which something was lost, came twice or did not balance', () => {
    const wrong = [
      round(1),
      round(2, { lost: 1 }),
      round(3, { twice: 2, problems: ['3 deliveries are still pending.'] }),
    ];
    expect(judgeRounds(wrong)).toEqual([
      'Round 2: 1 deliveries are lost.',
      'Round 3: 2 effects are there twice.',
      'Round 3: 3 deliveries are still pending.',
    ]);
  });

  it('says which size goes on growing, and allows what grows at the beginning only', () => {
    expect(judgeRounds(rounds((n) => ({ sizes: { ...sizes, workers: Math.min(400, 100 * n) } })))).toEqual([]);
    const growing = judgeRounds(rounds((n) => ({ sizes: { ...sizes, workers: 400 + 30 * n } })));
    expect(growing).toEqual(['The workers have grown: 565 MB in the second third of the rounds, 685 MB in the last.']);
  });
});

import type { Tx } from '../../db/tx';
import { inject } from './inject';
import type { System } from './open-system';
import type { Step } from './scenario';

/** A system with so many attempts under way, which its steps change; null: the database does not answer. */
function systemWith(state: { attempts: number | null; sent: number }): System {
  const query: Tx['query'] = () =>
    state.attempts === null
      ? Promise.reject(new Error('away'))
      : Promise.resolve({ rows: [{ count: state.attempts }] as never[], rowCount: 1 });
  const destinations = { distinct: () => ({ webhook: state.sent }), wireDuplicates: () => 0 };
  return { db: { query }, destinations, outages: { unanswered: () => 0 } } as unknown as System; // all that it looks at
}

const step = (isFault: boolean, run: () => void, isForgotten = false): Step => ({
  says: 'any',
  isFault,
  isForgotten,
  run: () => Promise.resolve(run()),
});

const attemptsOf = async (state: { attempts: number | null; sent: number }, steps: readonly Step[]): Promise<number> =>
  (await inject(systemWith(state), steps, () => {})).attempts;

it('counts the attempts that each fault meets, those included that began in between', async () => {
  const state = { attempts: 2, sent: 0 };
  const set = (attempts: number) => () => void (state.attempts = attempts);
  const steps = [step(true, set(5)), step(false, set(1)), step(true, set(3)), step(false, set(9))];
  expect(await attemptsOf(state, steps)).toBe(5 + 3);
});

it('does not count what begins after a fault', async () => {
  const state = { attempts: 0, sent: 0 };
  expect(await attemptsOf(state, [step(true, () => {}), step(false, () => (state.attempts = 9))])).toBe(0);
});

it('asks a database that was away once it is back', async () => {
  const state: { attempts: number | null; sent: number } = { attempts: null, sent: 0 };
  expect(await attemptsOf(state, [step(true, () => {}), step(false, () => (state.attempts = 4))])).toBe(4);
});

it('counts the messages that were sent between a copy and its restore', async () => {
  const state = { attempts: 1, sent: 100 };
  const steps = [step(false, () => {}, true), step(false, () => (state.sent = 130)), step(true, () => {})];
  expect(await attemptsOf(state, steps)).toBe(30 + 1);
});

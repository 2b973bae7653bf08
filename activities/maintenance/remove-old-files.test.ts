import { ActivityEnvironment } from '../../tests/activity-environment';
import { createRemoveOldFiles } from './remove-old-files';

const isNeeded = async () => false;

/** Rounds of a sweep each, with what the store says; how it was called. */
async function rounds(...answers: readonly (() => Promise<{ removed: number; done: boolean }>)[]) {
  const calls: { olderThanMs: number; until: number }[] = [];
  const removeOldFiles = createRemoveOldFiles(
    { removeOld: async (given) => (calls.push(given), await answers[calls.length - 1]!()) },
    72,
  );
  const environment = new ActivityEnvironment();
  const end = performance.now() + 45_000;
  for (let i = 0; i < 4; i++) await environment.run(() => removeOldFiles(isNeeded, end));
  return { calls, end };
}

it('keeps files for the retention and a day, once an hour and for a part of the sweep', async () => {
  const { calls, end } = await rounds(async () => ({ removed: 1, done: true }));
  expect(calls).toHaveLength(1);
  expect(calls[0]?.olderThanMs).toBe(96 * 3_600_000);
  expect(calls[0]?.until).toBeLessThan(end);
});

it('goes on with the next sweep while there is more', async () => {
  const more = async () => ({ removed: 1000, done: false });
  const { calls } = await rounds(more, more, async () => ({ removed: 3, done: true }));
  expect(calls).toHaveLength(3);
});

it('leaves a folder that cannot be read to the next hour, and the sweep unharmed', async () => {
  const { calls } = await rounds(() => Promise.reject(new Error('EACCES')));
  expect(calls).toHaveLength(1);
});

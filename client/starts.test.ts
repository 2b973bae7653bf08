import { setImmediate as nextTurn } from 'node:timers/promises';
import { Starts } from './starts';

/** Starts that end when they are told; `waiting` is what is to be started. */
function openStarts(maxInFlight: number) {
  const waiting: number[] = [];
  const loads: (readonly number[])[] = [];
  const ends: ((slow: boolean) => void)[] = [];
  const starts = new Starts<number>({
    maxInFlight,
    nextBatch: () => waiting.splice(0, 10),
    start: (load) => {
      loads.push(load);
      return new Promise((resolve) => ends.push((slow) => resolve({ slow })));
    },
  });
  const come = async (...numbers: number[]): Promise<void> => {
    for (const one of numbers) {
      waiting.push(one);
      starts.call();
    }
    await nextTurn();
    await nextTurn();
  };
  const end = async (slow = false): Promise<void> => {
    ends.shift()?.(slow);
    await nextTurn();
  };
  return { come, end, loads, underWay: () => ends.length };
}

test('starts one alone at once, and those who come in one turn together', async () => {
  const { come, loads } = openStarts(4);
  await come(1);
  await come(2, 3);
  expect(loads).toEqual([[1], [2, 3]]);
});

test('starts together what has come while as many as may be are under way', async () => {
  const { come, end, loads } = openStarts(2);
  for (const one of [1, 2, 3, 4]) await come(one);
  expect(loads).toEqual([[1], [2]]);
  await end();
  expect(loads).toEqual([[1], [2], [3, 4]]);
});

test('has fewer under way while the cluster is slow, at least one, and more again when it is not', async () => {
  const { come, end, underWay } = openStarts(4);
  const many = Array.from({ length: 400 }, (_, i) => i);
  await come(...many);
  expect(underWay()).toBe(4);
  for (let i = 0; i < 4; i++) await end(true);
  expect(underWay()).toBe(1);
  await end(true);
  expect(underWay()).toBe(1);
  for (let i = 0; i < 12; i++) await end();
  expect(underWay()).toBe(4);
});

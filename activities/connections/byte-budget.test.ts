import { ByteBudget } from './byte-budget';

beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
afterEach(() => jest.useRealTimers());

/** What is there of a promise when all that can be done without a timer is done. */
async function now<T>(promise: Promise<T>): Promise<T | 'waits'> {
  return await Promise.race([promise, jest.advanceTimersByTimeAsync(0).then((): 'waits' => 'waits')]);
}
const give = (taken: (() => void) | number | string): void => (typeof taken === 'function' ? taken() : undefined);

it('lets in what there is room for, in the order of coming, and nothing past one that waits', async () => {
  const budget = new ByteBudget(100);
  const first = await budget.take(60, false);
  expect(first).toEqual(expect.any(Function));
  const large = budget.take(50, false);
  const small = budget.take(10, false);
  expect(await now(large)).toBe('waits');
  expect(await now(small)).toBe('waits');
  give(first);
  expect(await large).toEqual(expect.any(Function));
  expect(await small).toEqual(expect.any(Function));
});

it('lets one that is larger than all room go alone', async () => {
  const budget = new ByteBudget(100);
  const first = await budget.take(10, false);
  const huge = budget.take(1_000, false);
  expect(await now(huge)).toBe('waits');
  give(first);
  expect(await huge).toEqual(expect.any(Function));
  const next = budget.take(1, false);
  expect(await now(next)).toBe('waits');
  give(await huge);
  expect(await next).toEqual(expect.any(Function));
});

it('lets nobody wait for long, and asks those who find no room to come back one after the other', async () => {
  const budget = new ByteBudget(100);
  const first = await budget.take(100, false);
  const times = Array.from({ length: 12 }, async () => Number(await budget.take(50, false)) + performance.now());
  const all = Promise.all(times);
  await jest.advanceTimersByTimeAsync(1_000);
  const between = (await all).sort((a, b) => a - b).map((at, n, others) => at - (others[n - 1] ?? at - 250));
  expect(between.every((ms) => ms >= 249)).toBe(true);
  give(first);
  expect(await budget.take(100, false)).toEqual(expect.any(Function));
});

it('goes on with smaller ones when one that waited before them has to come back', async () => {
  const budget = new ByteBudget(100);
  await budget.take(60, false);
  const large = budget.take(50, false);
  await jest.advanceTimersByTimeAsync(500);
  const small = budget.take(10, false);
  await jest.advanceTimersByTimeAsync(500);
  expect(await large).toEqual(expect.any(Number));
  expect(await small).toEqual(expect.any(Function));
});

it('gives half of the room at most to sites whose sends take long', async () => {
  const budget = new ByteBudget(100);
  const slow = await budget.take(40, true);
  expect(await budget.take(20, true)).toEqual(expect.any(Number));
  expect(await budget.take(60, false)).toEqual(expect.any(Function));
  give(slow);
  give(slow); // changes nothing
  expect(await budget.take(40, true)).toEqual(expect.any(Function));
  expect(await now(budget.take(1, false))).toBe('waits');
});

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
  const first = await budget.take(60, 's1', false);
  expect(first).toEqual(expect.any(Function));
  const large = budget.take(50, 's2', false);
  const small = budget.take(10, 's3', false);
  expect(await now(large)).toBe('waits');
  expect(await now(small)).toBe('waits');
  give(first);
  expect(await large).toEqual(expect.any(Function));
  expect(await small).toEqual(expect.any(Function));
});

it('lets one that is larger than all room go alone', async () => {
  const budget = new ByteBudget(100);
  const first = await budget.take(10, 's4', false);
  const huge = budget.take(1_000, 's5', false);
  expect(await now(huge)).toBe('waits');
  give(first);
  expect(await huge).toEqual(expect.any(Function));
  const next = budget.take(1, 's6', false);
  expect(await now(next)).toBe('waits');
  give(await huge);
  expect(await next).toEqual(expect.any(Function));
});

it('lets no delivery wait for long, and tells those that find no room to come back one after the other', async () => {
  const budget = new ByteBudget(100);
  const first = await budget.take(100, 's7', false);
  const times = Array.from(
    { length: 12 },
    async (_, n) => Number(await budget.take(50, `${n}`, false)) + performance.now(),
  );
  const all = Promise.all(times);
  await jest.advanceTimersByTimeAsync(1_000);
  const between = (await all).sort((a, b) => a - b).map((at, n, others) => at - (others[n - 1] ?? at - 250));
  expect(between.every((ms) => ms >= 249)).toBe(true);
  give(first);
  expect(await budget.take(100, 's9', false)).toEqual(expect.any(Function));
});

it('goes on with smaller ones when one that waited before them has to come back', async () => {
  const budget = new ByteBudget(100);
  await budget.take(60, 's10', false);
  const large = budget.take(50, 's11', false);
  await jest.advanceTimersByTimeAsync(500);
  const small = budget.take(10, 's12', false);
  await jest.advanceTimersByTimeAsync(500);
  expect(await large).toEqual(expect.any(Number));
  expect(await small).toEqual(expect.any(Function));
});

it('gives half of the room at most to sites whose sends take long', async () => {
  const budget = new ByteBudget(100);
  const slow = await budget.take(40, 's13', true);
  expect(await budget.take(20, 's14', true)).toEqual(expect.any(Number));
  expect(await budget.take(60, 's15', false)).toEqual(expect.any(Function));
  give(slow);
  give(slow); // changes nothing
  expect(await budget.take(40, 's16', true)).toEqual(expect.any(Function));
  expect(await now(budget.take(1, 's17', false))).toBe('waits');
});

it('gives half of the room at most to one site, whose others wait for it and let other sites pass', async () => {
  const budget = new ByteBudget(100);
  const first = await budget.take(30, 'busy', false);
  const second = budget.take(30, 'busy', false);
  expect(await now(second)).toBe('waits');
  expect(await budget.take(60, 'other', false)).toEqual(expect.any(Function));
  give(first);
  expect(await second).toEqual(expect.any(Function));
  const all = Array.from({ length: 8 }, () => budget.take(30, 'busy', false));
  expect(await now(Promise.race(all))).toEqual(expect.any(Number)); // those beyond half of the places
  expect(await now(all[3] ?? second)).toBe('waits');
});

it('lets one that is larger than the half of its site go, alone of that site', async () => {
  const budget = new ByteBudget(100);
  const large = await budget.take(60, 'busy', false);
  expect(large).toEqual(expect.any(Function));
  expect(await budget.take(40, 'other', false)).toEqual(expect.any(Function));
  const next = budget.take(1, 'busy', false);
  give(large);
  expect(await next).toEqual(expect.any(Function));
});

it('asks none to come back later than in a minute, and forgets how many it has asked', async () => {
  const budget = new ByteBudget(100);
  await budget.take(50, 'slow', true);
  const waits: (number | string)[] = [];
  for (let n = 0; n < 1_000; n++) waits.push(Number(await budget.take(50, 'slow', true)));
  expect(Math.max(...waits.map(Number))).toBeLessThanOrEqual(60_000);
  jest.advanceTimersByTime(58_000);
  expect(await budget.take(50, 'slow', true)).toBeCloseTo(2_250, 0);
});

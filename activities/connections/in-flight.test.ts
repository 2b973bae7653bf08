import { InFlight } from './in-flight';

beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
afterEach(() => jest.useRealTimers());

/** Enters, and leaves after so long. */
function send(inFlight: InFlight, ms: number): void {
  const leave = inFlight.enter('a', 1);
  jest.advanceTimersByTime(ms);
  if (typeof leave === 'function') leave();
}

it('lets in as many as may be, of each connection', () => {
  const inFlight = new InFlight();
  const leave = inFlight.enter('a', 1);
  expect(inFlight.enter('a', 1)).toEqual(expect.any(Number));
  expect(inFlight.enter('b', 1)).toEqual(expect.any(Function));
  if (typeof leave === 'function') leave();
  expect(inFlight.enter('a', 1)).toEqual(expect.any(Function));
});

it('asks those who wait to come one after the other, as fast as sends end', () => {
  const inFlight = new InFlight();
  for (let i = 0; i < 50; i++) send(inFlight, 15_000); // a destination that hangs
  inFlight.enter('a', 1);
  const waits = Array.from({ length: 5 }, () => inFlight.enter('a', 1)).map(Number);
  expect(waits.map((ms) => Math.floor(ms / 1000))).toEqual([15, 30, 45, 60, 75]);
});

it('lets no delivery wait for more than five minutes', () => {
  const inFlight = new InFlight();
  for (let i = 0; i < 50; i++) send(inFlight, 15_000);
  inFlight.enter('a', 1);
  const waits = Array.from({ length: 100 }, () => Number(inFlight.enter('a', 1)));
  expect(Math.max(...waits)).toBe(300_000);
});

it('leaves the last place to those who come alone, when many of a batch come', () => {
  const inFlight = new InFlight();
  const leaves = [1, 2, 3].map(() => inFlight.enterAsBatch('a', 3));
  expect(leaves).toEqual([expect.any(Function), expect.any(Function), null]);
  expect(inFlight.enter('a', 3)).toEqual(expect.any(Function));
});

it('keeps the only place for one who comes back alone, when batches want it, too', () => {
  const inFlight = new InFlight();
  const leave = inFlight.enterAsBatch('a', 1);
  const waitMs = Number(inFlight.enter('a', 1));
  leave?.();
  jest.advanceTimersByTime(waitMs - 100);
  expect(inFlight.enterAsBatch('a', 1)).toBeNull();
  expect(inFlight.enter('a', 1)).toEqual(expect.any(Function));
});

it('keeps it for the next one who comes alone, too, where the first came back to another worker', () => {
  const inFlight = new InFlight();
  const leave = inFlight.enterAsBatch('a', 1);
  inFlight.enter('a', 1);
  jest.advanceTimersByTime(10_000);
  const waitMs = Number(inFlight.enter('a', 1));
  leave?.();
  jest.advanceTimersByTime(waitMs - 100);
  expect(inFlight.enterAsBatch('a', 1)).toBeNull();
});

it('wakes one who waits for room with each send that ends', async () => {
  const inFlight = new InFlight();
  const leave = inFlight.enterAsBatch('a', 1);
  const woken: string[] = [];
  const { signal } = new AbortController();
  const waiting = ['first', 'second'].map((name) =>
    inFlight.room(['a', 'b'], 1_000, signal).then(() => woken.push(name)),
  );
  leave?.();
  await waiting[0];
  expect(woken).toEqual(['first']);
  jest.advanceTimersByTime(1_000);
  await waiting[1];
  expect(woken).toEqual(['first', 'second']);
});

it('sends nothing while a destination wants nothing, and then one at a time, until one was taken', () => {
  const inFlight = new InFlight();
  const began = performance.now();
  inFlight.hold('a', 3_600_000, 1);
  inFlight.hold('a', 60_000, 1); // the longer one stands
  inFlight.endHold('a', began); // sent before that
  const waits = [1, 2, 3].map(() => Number(inFlight.enter('a', 3, 1)));
  expect(waits.every((ms) => ms > 3_600_000 && ms < 3_603_000)).toBe(true);
  expect(new Set(waits).size).toBe(3);
  expect(inFlight.enterAsBatch('a', 3, 1)).toBeNull();
  expect(inFlight.enter('b', 3, 1)).toEqual(expect.any(Function));
  jest.advanceTimersByTime(3_600_000);
  expect([inFlight.isHeld('a', 1), inFlight.isHeld('b', 1)]).toEqual([false, false]);
  expect(inFlight.enter('a', 3, 1)).toEqual(expect.any(Function));
  expect(inFlight.enter('a', 3, 1)).toEqual(expect.any(Number));
  inFlight.endHold('a', performance.now());
  expect(inFlight.enter('a', 3, 1)).toEqual(expect.any(Function));
});

it('asks again at once for a connection that an operator has changed', () => {
  const inFlight = new InFlight();
  inFlight.hold('a', 3_600_000, 1);
  expect(inFlight.isHeld('a', 1)).toBe(true);
  expect(inFlight.enter('a', 3, 2)).toEqual(expect.any(Function));
  inFlight.hold('a', 3_600_000, 2);
  expect(inFlight.enter('a', 3, 1)).toEqual(expect.any(Number)); // one that was claimed before the change
  inFlight.hold('a', 7_200_000, 1); // and its answer
  expect(inFlight.isHeld('a', 2)).toBe(true);
});

it('counts from now for those who find no room after that change, and not from the end of the hold', () => {
  const inFlight = new InFlight();
  inFlight.hold('a', 3_600_000, 1);
  inFlight.enter('a', 1, 1);
  expect(inFlight.enter('a', 1, 2)).toEqual(expect.any(Function));
  expect(Number(inFlight.enter('a', 1, 2))).toBeLessThan(3_000);
});

import { InFlight } from '../connections/in-flight';
import { classifyFailure, DeliveryFailure, type FailureOptions, type FailureType } from '../failures';
import { freeDelayMs, nextDelayMs } from './next-delay';

const failure = (type: FailureType, options: FailureOptions = {}) =>
  classifyFailure(new DeliveryFailure(type, 'no', options));

it.each([0, 100, undefined])('a wish of %s ms makes no try come sooner than the policy says', (retryAfterMs) => {
  expect(nextDelayMs(failure('Unavailable', { retryAfterMs }), 1, 5_000)).toBe(5_000);
  expect(nextDelayMs(failure('Unavailable', { retryAfterMs }), 10, null)).toBeNull();
  const free = [1, 2, 3, 4, 5, 6, 7, 8, 99].map((n) => freeDelayMs(failure('RateLimited', { retryAfterMs }), n, 1));
  const own = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000];
  expect(free).toEqual(own.map((ms) => ms + (retryAfterMs ?? 0)));
});

it('a wish for later is granted', () => {
  expect(nextDelayMs(failure('Unavailable', { retryAfterMs: 9_000 }), 1, 5_000)).toBe(9_000);
});

it('what was refused for a quota comes after all that wait for the same time, and later each time', () => {
  const inFlight = new InFlight();
  inFlight.hold('a', 90_000, 1);
  const otherMs = Number(inFlight.enter('a', 10, 1));
  const refused = [1, 2, 7].map((n) => freeDelayMs(failure('RateLimited', { retryAfterMs: 90_000 }), n, 1));
  expect(refused).toEqual([91_000, 92_000, 150_000]);
  expect(otherMs).toBeLessThan(91_000);
});

it('what we ask ourselves comes back when it says, as the rate of a connection wants', () => {
  expect(freeDelayMs(failure('Unavailable', { ours: true, retryAfterMs: 150 }), 0, 7)).toBe(150);
  expect(freeDelayMs(failure('Unavailable', { ours: true }), 0, 2)).toBe(2_000);
});

it('an unexpected failure has five tries', () => {
  const unexpected = classifyFailure(new TypeError('bug'));
  expect([1, 4, 5].map((tries) => nextDelayMs(unexpected, tries, 1_000))).toEqual([1_000, 1_000, null]);
});

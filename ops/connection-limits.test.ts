import { adviseLimits } from './connection-limits';

it.each([
  [2, 0.5, ['It may send more than the destination takes from one account: mend it with --max-in-flight 1.']],
  [1, null, ['It may send more than the destination takes from one account: mend it with --rate 0.5.']],
  [1, 0.1, []],
])('advises lower limits where %d at once and %s a second are too much', (maxInFlight, ratePerSecond, advice) => {
  const kind = { limits: () => ({ maxInFlight: 1, ratePerSecond: 0.5 }) };
  expect(adviseLimits(kind, { config: {}, maxInFlight, ratePerSecond })).toEqual(advice);
  expect(adviseLimits({}, { config: {}, maxInFlight, ratePerSecond })).toEqual([]);
});

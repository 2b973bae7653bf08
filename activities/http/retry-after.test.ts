import { readHttpDate, readRetryAfter } from './retry-after';

const at = Date.UTC(1994, 10, 6, 8, 49, 37);

it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  'reads the HTTP date %s',
  (text) => expect(readHttpDate(text)).toBe(at),
);

it('takes two digits of a year for the past when they would be more than 50 years ahead', () => {
  const year = new Date().getUTCFullYear();
  const yearOf = (wanted: number) => {
    const text = `Sunday, 06-Nov-${String(wanted % 100).padStart(2, '0')} 08:49:37 GMT`;
    return new Date(readHttpDate(text) ?? Number.NaN).getUTCFullYear();
  };
  expect([year, year + 50, year + 51].map(yearOf)).toEqual([year, year + 50, year - 49]);
});

it.each([
  ['0', 0],
  ['7', 7_000],
  ['007', 7_000],
  ['99999999999999999999', 86_400_000],
])('reads %s as seconds, a day at most', (value, ms) => expect(readRetryAfter({ 'retry-after': value })).toBe(ms));

it.each(['1.5', '-1', '+5', '1e3', '5s', '0x10', '', ' ', '5, 7', '2030-01-01', 'Nov 6 1994', 'tomorrow'])(
  'takes %j for nothing',
  (value) => expect(readRetryAfter({ 'retry-after': value, date: 'Sun, 06 Nov 1994 08:49:37 GMT' })).toBeUndefined(),
);

it.each([
  'Sun, 31 Feb 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 06 Nov 1994 08:49:37 +0100',
  'Sun, 6 Nov 1994 08:49:37 GMT',
])('takes %j for nothing', (value) => expect(readRetryAfter({ 'retry-after': value })).toBeUndefined());

it('counts a date from the Date of the answer, where there is one', () => {
  const later = 'Sun, 06 Nov 1994 08:51:07 GMT';
  expect(readRetryAfter({ 'retry-after': later, date: 'Sun, 06 Nov 1994 08:49:37 GMT' })).toBe(90_000);
  expect(readRetryAfter({ 'retry-after': later, date: 'Sun, 06 Nov 1994 08:59:37 GMT' })).toBe(0);
  expect(readRetryAfter({ 'retry-after': later })).toBe(0);
  const inAMinute = new Date(Date.now() + 60_000).toUTCString();
  expect(readRetryAfter({ 'retry-after': inAMinute, date: 'today' })).toBeGreaterThan(50_000);
  expect(readRetryAfter({ 'retry-after': [inAMinute, '5'] })).toBeGreaterThan(50_000);
});

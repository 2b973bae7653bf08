import { cut, isLarger } from './bound-input';

it.each([
  ['a text', 'x'.repeat(100)],
  ['texts in a list', Array.from({ length: 10 }, () => 'x'.repeat(10))],
  ['names', { ['x'.repeat(100)]: 1 }],
  ['many numbers', Array.from({ length: 30 }, (_, n) => n)],
])('finds %s too large', (_, value) => {
  expect(isLarger({ value }, 99)).toBe(true);
  expect(isLarger({ value }, 200)).toBe(false);
});

it('looks at no more than it needs, however deep the value is', () => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
  expect(isLarger(deep, 65_536)).toBe(true);
});

it('cuts what is nested deeper than any event may be', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 'end' : [nested(levels - 1)]);
  expect(cut(nested(99))).toEqual(nested(99));
  expect(JSON.stringify(cut(nested(200)))).toContain('nested too deep');
});

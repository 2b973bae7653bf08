import { createRecent } from './recent';

it('keeps so many, and of those the ones that were used last', () => {
  const recent = createRecent<object>(2);
  const [a, b] = [recent.of('a', () => ({})), recent.of('b', () => ({}))];
  expect(recent.of('a', () => ({}))).toBe(a);
  recent.of('c', () => ({}));
  expect(recent.of('a', () => ({}))).toBe(a);
  expect(recent.of('b', () => ({}))).not.toBe(b);
});

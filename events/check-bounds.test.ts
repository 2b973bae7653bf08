import { checkBounds, MAX_EVENT_BYTES } from './check-bounds';

function nested(levels: number): object {
  return levels === 0 ? {} : { a: nested(levels - 1) };
}

it('lets 64 levels pass and no more', () => {
  expect(checkBounds(nested(63))).toBeUndefined();
  expect(checkBounds(nested(64))).toBe('is nested deeper than 64 levels');
});

it('counts bytes in UTF-8, of keys too', () => {
  expect(checkBounds({ a: 'x'.repeat(MAX_EVENT_BYTES - 100) })).toBeUndefined();
  expect(checkBounds({ a: 'x'.repeat(MAX_EVENT_BYTES) })).toBe('is larger than 20971520 bytes of JSON');
  expect(checkBounds({ ['ü'.repeat(MAX_EVENT_BYTES / 2)]: 1 })).toBe('is larger than 20971520 bytes of JSON');
});

it('counts values', () => {
  expect(checkBounds(Array.from({ length: 200_000 }, () => 0))).toBe('has more than 200000 values');
});

it('ends at once where the data are circular, or hold the same object many times over', () => {
  const circle: Record<string, unknown> = {};
  circle['a'] = circle['b'] = circle;
  expect(checkBounds(circle)).toBe('is nested deeper than 64 levels');
  let shared: object = {};
  for (let level = 0; level < 50; level++) shared = { a: shared, b: shared };
  expect(checkBounds(shared)).toBe('has more than 200000 values');
});

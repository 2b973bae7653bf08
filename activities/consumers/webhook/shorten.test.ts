import fc from 'fast-check';
import type { Json } from '../../../events/kinds/json';
import { shorten } from './shorten';

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const long = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 30 }), fc.integer({ min: 0, max: 400 }))
  .map(([text, times]) => text.repeat(times));
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(long, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie('json'), { maxLength: 12 }),
    fc.dictionary(long, tie('json'), { maxKeys: 12 }),
  ),
}));

it('gives any value within the bound, well-formed, the same each time, and as it was where that fits', () => {
  fc.assert(
    fc.property(json, fc.integer({ min: 20, max: 50_000 }), (given, most) => {
      const data = JSON.parse(JSON.stringify({ data: given }));
      const { value, cut } = shorten(data, most);
      expect(bytesOf(value)).toBeLessThanOrEqual(most);
      expect(shorten(JSON.parse(JSON.stringify(data)), most)).toEqual({ value, cut });
      if (bytesOf(data) <= most) expect({ value, cut }).toEqual({ value: data, cut: [] });
      else expect(cut).not.toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it('cuts a text on a code point, to the last byte that there is', () => {
  const { value, cut } = shorten({ text: '😀'.repeat(1_000) }, 1_500);
  expect(value).toEqual({ text: '😀'.repeat(372) }); // 11 bytes around it, 4 each
  expect(cut).toEqual(['text']);
});

it.each<[string, Json, number, Json, string[]]>([
  [
    'the largest first, down to the next',
    { a: 'x'.repeat(9_000), b: 'y'.repeat(5_000), c: 'z'.repeat(2_000) },
    6_022, // 22 around the texts
    { a: 'x'.repeat(2_000), b: 'y'.repeat(2_000), c: 'z'.repeat(2_000) },
    ['a', 'b'],
  ],
  [
    'only the largest, where that is enough',
    { a: 'x'.repeat(9_000), b: 'y'.repeat(5_000), c: 'z'.repeat(2_000) },
    13_022,
    { a: 'x'.repeat(6_000), b: 'y'.repeat(5_000), c: 'z'.repeat(2_000) },
    ['a'],
  ],
  [
    'entries at the end of a list, the others whole',
    { id: 7, list: Array.from({ length: 100 }, (_, i) => ({ i, text: 'x'.repeat(100) })) },
    1_172, // 17 around the entries, of which the first ten have 117 and 1 each
    { id: 7, list: Array.from({ length: 9 }, (_, i) => ({ i, text: 'x'.repeat(100) })) },
    ['list'],
  ],
  [
    'a long text in a list, not what stands behind it',
    { list: [{ text: 'x'.repeat(90_000) }, { text: 'y' }] },
    20_000,
    { list: [{ text: 'x'.repeat(20_000 - 35) }, { text: 'y' }] },
    ['list'],
  ],
  [
    'what a sender gave beyond the catalogue, by one name',
    { id: 7, part: { extra: { odd: 'x'.repeat(9_000), more: { odd: 'y'.repeat(9_000) } } } },
    40,
    { id: 7, part: { extra: {} } },
    ['part.extra'],
  ],
])('cuts %s', (_, given, most, expected, cut) => {
  expect(shorten(given, most)).toEqual({ value: expected, cut });
});

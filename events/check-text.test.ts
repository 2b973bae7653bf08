import { checkBounds } from './check-bounds';
import { checkText } from './check-text';

const zeros = (length: number): number[] => Array.from({ length }, () => 0);
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

it.each([
  ['objects', '{},'],
  ['lists', '[],'],
  ['texts', '"a\\"{\\\\",'],
  ['numbers', '12345,'],
  ['null', 'null,'],
])('counts %s as values, whatever the blanks', (_, item) => {
  const list = (count: number): string => `\n[ ${item.repeat(count).slice(0, -1).replaceAll(',', ' ,\t')} ]`;
  expect(checkText(list(200_000))).toBeUndefined();
  expect(checkText(list(200_020))).toBe('has more than 200000 values');
  expect(checkText(list(200_020), 500_000)).toBeUndefined();
});

it.each([['a'], [0], [null], [[]]])('counts a field with %j as one value', (value) => {
  const fields = (count: number): string => JSON.stringify(Object.fromEntries(zeros(count).map((_, n) => [n, value])));
  expect(checkText(fields(200_000))).toBeUndefined();
  expect(checkText(fields(200_020))).toBe('has more than 200000 values');
});

it('lets 1.5 million bytes of a file pass, and looks for nothing within texts', () => {
  expect(
    checkText(JSON.stringify({ AttachmentContent: zeros(1_500_000).map((_, n) => (n % 384) - 128) })),
  ).toBeUndefined();
  expect(checkText(JSON.stringify({ AttachmentContent: zeros(1_700_000) }))).toBe('has more than 200000 values');
  expect(checkText(JSON.stringify({ a: '{['.repeat(1_000_000) }))).toBeUndefined();
});

it('lets every depth pass that an event within a list of CloudEvents may have', () => {
  expect(checkBounds(JSON.parse(nested(64)))).toBeUndefined();
  expect(checkText(`[{"data":${nested(64)}}]`)).toBeUndefined();
  expect(checkText('['.repeat(67))).toBe('is nested deeper than 64 levels');
});

it.each(['"', '"a', '"a\\', '{"a":', '::::', ']]]]', '[1', '1', ''])('ends at the end of %j', (text) => {
  expect(checkText(text)).toBeUndefined();
});

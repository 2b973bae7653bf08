import fc from 'fast-check';
import { parseWireText, WireTextError, WireTextTooLarge } from './parse-wire-text';

it('gives integers beyond 2^53-1 as decimal text and leaves all else alone', () => {
  const text = `{"long":636512345678901234,"min":-9223372036854775808,"safe":9007199254740991,"double":1234567890123456789.5,
    "exponent":1234567890123456789e2,"text":"636512345678901234","quoted \\" 636512345678901234":[12345678901234567890,"\\\\"]}`;
  expect(parseWireText(text)).toEqual({
    long: '636512345678901234',
    min: '-9223372036854775808',
    safe: 9007199254740991,
    double: 1234567890123456789.5,
    exponent: 1234567890123456789e2,
    text: '636512345678901234',
    'quoted " 636512345678901234': ['12345678901234567890', '\\'],
  });
});

it('agrees with JSON.parse on everything but long integers', () => {
  const long = (_key: string, value: unknown) =>
    // From 1e21 on they are not written as integers.
    Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(Number(value)) < 1e21 ? String(value) : value;
  fc.assert(
    fc.property(fc.json(), (json) => {
      // The long integer makes it take the long way.
      expect(parseWireText(`[${json},1234567890123456789]`)).toEqual([JSON.parse(json, long), '1234567890123456789']);
    }),
  );
});

it('takes the last of a repeated key', () => {
  expect(parseWireText('{"a":1,"a":2}')).toEqual({ a: 2 });
});

it.each([
  ['{"name":"secret",}', 17],
  ['{"secret":12345678901234567890 "b"}', 31],
  ['"secret', 7],
  ['', 0],
])('says of %j where the mistake is and never what is there', (text, position) => {
  const error = (() => {
    try {
      return parseWireText(text);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(WireTextError);
  expect(error).toMatchObject({ position, message: `is not valid JSON: mistake at position ${position}` });
});

it('does not parse text that is nested too deeply, or has too many values', () => {
  expect(() => parseWireText('['.repeat(100_000))).toThrow(WireTextTooLarge);
  expect(() => parseWireText(`[${'{},'.repeat(300_000)}]`)).toThrow('has more than 200000 values');
});

it('leaves out the byte order mark that .NET writes before a text', () => {
  expect(parseWireText('\ufeff{"a":636512345678901234}')).toEqual({ a: '636512345678901234' });
  expect(() => parseWireText('\ufeff\ufeff{}')).toThrow(WireTextError);
  expect(() => parseWireText('\ufeff{"a":}')).toThrow('mistake at position 5');
});

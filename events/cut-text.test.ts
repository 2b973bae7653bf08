import fc from 'fast-check';
import { cutText } from './cut-text';

test.each([
  ['characters', 3, '💬💬💬', 'ab💬'],
  ['units', 5, '💬💬', 'ab💬c'],
  ['bytes', 9, '💬💬', 'ab💬cde'],
  ['bytes of JSON', 9, '💬💬', 'ab💬cde'],
] as const)('a text that is too long is cut after %s, never inside one of them', (unit, most, emoji, mixed) => {
  expect(cutText('💬'.repeat(20), most, unit)).toBe(emoji);
  expect(cutText('ab💬cdefgh💬', most, unit)).toBe(mixed);
});

test('what fits stays as it is, to the last character', () => {
  expect(cutText('ab💬', 3, 'characters', '…')).toBe('ab💬');
  expect(cutText('ab💬', 4, 'units', '…')).toBe('ab💬');
  expect(cutText('ab💬', 6, 'bytes', '…')).toBe('ab💬');
  expect(cutText('a"\n', 5, 'bytes of JSON')).toBe('a"\n');
  expect(cutText('a"\n', 4, 'bytes of JSON')).toBe('a"');
  expect(cutText('', 0, 'bytes')).toBe('');
});

test('a mark stands within the limit, and gives way where there is no room for it', () => {
  expect(cutText('a💬💬💬', 3, 'characters', '…')).toBe('a💬…');
  expect(cutText('a💬💬💬', 5, 'units', '...')).toBe('a...');
  expect(cutText('a💬💬💬', 8, 'bytes', '…')).toBe('a💬…');
  expect(cutText('abcdef', 3, 'units', '...')).toBe('abc');
});

test('the bytes are those that UTF-8 and JSON have for it, half a surrogate pair included', () => {
  const text = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 50 });
  const control = fc.string({ unit: fc.nat(0x7f).map((unit) => String.fromCharCode(unit)), maxLength: 50 });
  fc.assert(
    fc.property(fc.oneof(text, control), (whole) => {
      for (const [unit, bytes] of [
        ['bytes', Buffer.byteLength(whole)],
        ['bytes of JSON', Buffer.byteLength(JSON.stringify(whole)) - 2],
      ] as const) {
        expect(cutText(whole, bytes, unit)).toBe(whole);
        if (whole !== '') expect(cutText(whole, bytes - 1, unit)).not.toBe(whole);
      }
    }),
  );
});

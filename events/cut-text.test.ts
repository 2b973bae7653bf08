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

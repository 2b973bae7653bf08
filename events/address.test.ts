import { isAddress, isAscii, readAddress } from './address';

it.each([
  'a@example.com',
  "o'neil+tag@mail.example.co.uk",
  'first.last@xn--bcher-kva.example',
  'a@1.example',
  'Ann@Example.COM',
  'a..b@docomo.ne.jp',
  'a.@ezweb.ne.jp',
  'ä@x.com',
  '用户@example.com',
  `a@${'x.'.repeat(125)}de`,
])('takes %j as it is', (text) => {
  expect(readAddress(text)).toBe(text);
});

it.each([
  ['ann@example.com ', 'ann@example.com'],
  ['\u00a0ann@example.com\n', 'ann@example.com'],
  ['\u200bann@example.com\u200e', 'ann@example.com'],
  ['\ufeffann@example.com\u00ad', 'ann@example.com'],
  ['\u202aann@example.com\u202c', 'ann@example.com'],
  ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
  ['ann@BÜCHER.example', 'ann@xn--bcher-kva.example'],
  ['ann@例え。jp', 'ann@xn--r8jz45g.jp'],
  ['ann@مثال.إختبار', 'ann@xn--mgbh0fb.xn--kgbechtv'],
])('reads %j as %j', (text, address) => {
  expect(readAddress(text)).toBe(address);
  expect(readAddress(address)).toBe(address);
});

it.each([
  null,
  undefined,
  '',
  ' ',
  '\u200b',
  'a',
  '@',
  '@x.com',
  'a@',
  'a@b',
  'ann@example',
  'a@x.com, evil@y.com',
  'a@x.com;evil@y.com',
  'a@x.com evil@y.com',
  'a@b@x.com',
  'Ann <a@x.com>',
  '<a@x.com>',
  '"a b"@x.com',
  'a@[127.0.0.1]',
  'a@127.0.0.1',
  'a@１２７.0.0.1',
  'a@x.com\r\nBcc: evil@y.com',
  'a\0@x.com',
  'a\u200b@x.com',
  'a\u00a0b@x.com',
  '\ud800@x.com',
  'a@x..com',
  'a@x.com.',
  'a@-x.com',
  'a@x_y.com',
  'a@ü/x.com',
  'a@ü%41.com',
  'a@ü?.com',
  'a@ü:25.com',
  '.a@x.com',
  'a(comment)@x.com',
  'group:a@x.com;',
  `${'a'.repeat(65)}@x.com`,
  `${'ä'.repeat(33)}@x.com`,
  `a@${'x'.repeat(64)}.com`,
  `a@${'ä'.repeat(63)}.com`,
  `a@${'x.'.repeat(130)}com`,
])('takes %j for no address', (text) => {
  expect(readAddress(text)).toBeNull();
  expect(isAddress(text ?? '')).toBe(false);
});

it.each([
  'a'.repeat(6e6),
  '@'.repeat(6e6),
  'a@'.repeat(3e6),
  `a@${'x.'.repeat(3e6)}`,
  'ü'.repeat(6e6),
  '\u200e'.repeat(6e6),
])('is quick to tell that six million characters are none', (text) => {
  expect(readAddress(text)).toBeNull();
  expect(readAddress(`a${text}@x.com`)).toBeNull();
});

it('finds the address among six million blanks', () => {
  expect(readAddress(`${' \u200b'.repeat(3e6)}ann@example.com${' '.repeat(6e6)}`)).toBe('ann@example.com');
});

it('tells whether a server needs SMTPUTF8', () => {
  expect(['a@x.com', 'ä@x.com'].map(isAscii)).toEqual([true, false]);
});

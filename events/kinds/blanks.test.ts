import { isBlank, trimBlanks } from './blanks';

const BLANKS =
  ' \t\n\r\v\f\0\u0085\u00a0\u00ad\u061c\u1680\u180e\u2003\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u202f\u205f\u2060\u2066\u2069\u2800\u3000\u3164\ufeff';

it.each(Array.from(BLANKS))('%j is a blank', (blank) => {
  expect(isBlank(blank)).toBe(true);
  expect(trimBlanks(`${blank}Ann${blank} Example${blank}${blank}`)).toBe(`Ann${blank} Example`);
});

it.each([
  ['', ''],
  [BLANKS, ''],
  ['a', 'a'],
  ['\u034f', ''],
  [' \u17b4\u17b5', ''],
  ['\ufe0f \ufe00', ''],
  ['\u{e0067}\u{e007f}', ''],
  ['\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645', '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'],
])('%j without its blanks is %j', (text, trimmed) => {
  expect(trimBlanks(text)).toBe(trimmed);
});

it.each([
  ['a Malayalam name', 'അനില്\u200d'],
  ['a heart', 'Ann ❤\ufe0f'],
  ['a family', '👩\u200d👩\u200d👧'],
  ['the flag of England', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'],
])('leaves what belongs to the character before it: %s', (_, text) => {
  expect(trimBlanks(`${text} \u200e`)).toBe(text);
});

import { mediaTypeOf } from './consumers/zendesk/media-type';
import { fileName } from './file-name';

it.each([
  ['photo.png', 'photo.png'],
  ['Rechnung März.pdf', 'Rechnung März.pdf'],
  ['../../etc/passwd', '.._.._etc_passwd'],
  ['C:\\Users\\ann\\a.txt', 'C:_Users_ann_a.txt'],
  ['one\r\ntwo.txt', 'one two.txt'],
  ['a\0b\u0007.txt', 'ab.txt'],
  ['annexe\u202efdp.exe', 'annexefdp.exe'],
  ['a\u200b.\u200epdf\u2069', 'a.pdf'],
  ['a.exe.', 'a.exe'],
  ['a.exe . .', 'a.exe'],
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['com1.tar.gz', '_com1.tar.gz'],
  ['console.txt', 'console.txt'],
  ['..', 'attachment'],
  [' \u200b', 'attachment'],
  ['', 'attachment'],
  [null, 'attachment'],
])('%j is stored as %j', (given, name) => {
  expect(fileName(given, 'attachment')).toBe(name);
});

it.each(['a', 'ü', '漢', '😀', '👩\u200d👩\u200d👧'])(
  'a name of many %s is cut before its extension, on a whole character',
  (one) => {
    for (const extension of ['.pdf', '.tar.gz', '.JPEG', '']) {
      const name = fileName(`${one.repeat(1000)}${extension}`, 'attachment');
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240);
      expect(Buffer.byteLength(name)).toBeGreaterThan(225);
      expect(name.endsWith(`…${extension}`)).toBe(true);
      expect(() => encodeURIComponent(name)).not.toThrow();
      expect(mediaTypeOf(name)).toBe(mediaTypeOf(`a${extension}`));
    }
  },
);

it('what only looks like an extension does not stay', () => {
  expect(fileName(`a.${'b'.repeat(1000)}`, 'attachment')).toMatch(/^a\.b+…$/);
});

it.each(['.'.repeat(6e6), ' .'.repeat(3e6), `${'.'.repeat(6e6)}pdf`, '\u202e'.repeat(6e6)])(
  'a name of millions of characters takes no time: %#',
  (given) => {
    expect(Buffer.byteLength(fileName(given, 'attachment'))).toBeLessThanOrEqual(240);
  },
);

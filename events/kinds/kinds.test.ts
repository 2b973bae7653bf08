import { choice } from './choice';
import { bool, decimal, double, int, intOrNone } from './numbers';
import type { Kind } from './kind';
import { Reading } from './reading';
import { entry, id, text, textId } from './texts';
import { time } from './time';

/** The value as it is read, or 'refused'. */
function read(kind: Kind, value: unknown): unknown {
  const reading = new Reading();
  const result = kind.read(value, reading, 'x');
  return reading.problems.length > 0 ? 'refused' : result;
}

it.each([
  [5, 5],
  ['5', 5],
  [' -007 ', -7],
  ['3.0', 3],
  [-0, 0],
  [7n, 7],
  ['', null],
  [2147483647, 2147483647],
  [2147483648, 'refused'],
  [-2147483648, -2147483648],
  [1.5, 'refused'],
  ['1e3', 'refused'],
  ['five', 'refused'],
  ['NaN', null],
  ['Infinity', null],
  [' -Infinity ', null],
  [' \u200b', null],
  ['7\u200e', 7],
  [Infinity, 'refused'],
  [true, 'refused'],
  [NaN, 'refused'],
])('a whole number is read from %p as %p', (value, expected) => {
  expect(read(int, value)).toBe(expected);
});

it('a whole number of which 0 means none is none at 0', () => {
  expect([0, '0', 3, 'x'].map((value) => read(intOrNone, value))).toEqual([null, null, 3, 'refused']);
});

it.each([
  [1.5, 1.5],
  ['1.5e3', 1500],
  ['.5', 0.5],
  ['NaN', null],
  ['-Infinity', null],
  ['∞', null],
  [NaN, 'refused'],
  [Infinity, 'refused'],
  ['', null],
  ['1e999', 'refused'],
  ['1,5', 'refused'],
  [[], 'refused'],
])('a number is read from %p as %p', (value, expected) => {
  expect(read(double, value)).toBe(expected);
});

it.each([
  [99.9, '99.9'],
  [0.1, '0.1'],
  ['10.50', '10.5'],
  ['0012345678901234567890.123456789012345678900', '12345678901234567890.1234567890123456789'],
  [1e-7, '0.0000001'],
  ['-1.25E+3', '-1250'],
  [1e21, '1000000000000000000000'],
  [-0, '0'],
  ['-0.00', '0'],
  [5n, '5'],
  ['NaN', null],
  ['Infinity', null],
  [NaN, 'refused'],
  ['1e400', 'refused'],
  ['ten', 'refused'],
])('money is read from %p as %p', (value, expected) => {
  expect(read(decimal, value)).toBe(expected);
});

it.each([
  [true, true],
  [0, false],
  [1, true],
  ['True', true],
  ['false', false],
  ['0', false],
  ['', null],
  ['on', true],
  ['Yes', true],
  ['y', true],
  [' checked', true],
  ['OFF', false],
  ['n', false],
  [2, 'refused'],
  ['2', 'refused'],
  ['maybe', 'refused'],
  [{}, 'refused'],
])('true or false is read from %p as %p', (value, expected) => {
  expect(read(bool, value)).toBe(expected);
});

it.each([
  ['2026-03-02T09:15:04', '2026-03-02T09:15:04.000Z'],
  ['2026-03-02T09:15:04.9999999', '2026-03-02T09:15:04.999Z'],
  ['2026-03-02T09:15:04+08:00', '2026-03-02T01:15:04.000Z'],
  ['2026-03-02 09:15:04.5-0130', '2026-03-02T10:45:04.500Z'],
  ['2026-03-02t09:15z', '2026-03-02T09:15:00.000Z'],
  ['2026-03-02', '2026-03-02T00:00:00.000Z'],
  ['/Date(1772442904123+0800)/', '2026-03-02T09:15:04.123Z'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  ['0001-01-01T00:00:00', null],
  ['0001-01-01T00:00:00-11:00', null],
  ['/Date(-62135596800000)/', null],
  ['9999-12-31T23:59:59.9999999', null],
  ['9999-12-31T23:59:59.9999999Z', null],
  ['9999-12-31T23:59:59.9999999-12:00', null],
  ['9999-12-31T23:59:59.9999999+14:00', null],
  ['/Date(253402300799999)/', null],
  ['/Date(253402300799999-0500)/', null],
  ['/Date(253402343999999+0000)/', null],
  ['/Date(-62135596800000+0800)/', null],
  ['/Date(-62135568000000)/', null],
  ['\u200b2026-03-02\u00a0', '2026-03-02T00:00:00.000Z'],
  ['9999-12-29T23:59:59', '9999-12-29T23:59:59.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['', null],
  ['2026-02-29', 'refused'],
  ['2026-13-01', 'refused'],
  ['2026-03-02T25:00:00', 'refused'],
  ['/Date(253402450000000)/', 'refused'],
  ['02.03.2026', 'refused'],
  ['2026', 'refused'],
  [1772442904123, 'refused'],
  [new Date(NaN), 'refused'],
])('a time is read from %p as %p', (value, expected) => {
  expect(read(time, value)).toBe(expected);
});

it.each([
  [12, '12'],
  ['12', '12'],
  [636512345678901234n, '636512345678901234'],
  [' a-b ', 'a-b'],
  [0, null],
  ['00', null],
  ['00000000-0000-0000-0000-000000000000', null],
  ['NaN', null],
  ['\u200b\u00a0', null],
  ['\ufeffa-b\u200e\n', 'a-b'],
  ['7F1C2A54-0D3E-4F6B-9A77-5B1F0E2D9C10', '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10'],
  ['{7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10}', '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10'],
  [' (7F1C2A54-0D3E-4F6B-9A77-5B1F0E2D9C10)', '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10'],
  ['7F1C2A540D3E4F6B9A775B1F0E2D9C10', '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10'],
  ['11111111111111111111111111111111', '11111111-1111-1111-1111-111111111111'],
  ['{00000000-0000-0000-0000-000000000000}', null],
  ['(00000000-0000-0000-0000-000000000000)', null],
  ['00000000000000000000000000000000', null],
  ['{7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10)', '{7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10)'],
  ['ABC', 'ABC'],
  [-1, '-1'],
  ['x'.repeat(255), 'x'.repeat(255)],
  ['x'.repeat(256), 'refused'],
  [1.5, 'refused'],
  [true, 'refused'],
])('an id is read from %p as %p', (value, expected) => {
  expect(read(id, value)).toBe(expected);
});

it('an id that the seed declares as text is read alike', () => {
  expect([' {7F1C2A54-0D3E-4F6B-9A77-5B1F0E2D9C10}', 0, ' x '].map((value) => read(textId, value))).toEqual([
    '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10',
    null,
    'x',
  ]);
});

it('an entry has no blanks at its ends; a written text keeps them, unless it has nothing else', () => {
  const given = [' Ann\u00a0', 'Ann\n', '\u200eAnn\u200b', '\ufeffAn\u00adn\u00ad', ' \n', '\u2066\u2069', 7, {}];
  expect(given.map((value) => read(entry, value))).toEqual([
    'Ann',
    'Ann',
    'Ann',
    'An\u00adn',
    null,
    null,
    '7',
    'refused',
  ]);
  expect(given.map((value) => read(text, value))).toEqual([...given.slice(0, 4), null, null, '7', 'refused']);
});

it('text is read from numbers and truth values too; empty text is none', () => {
  expect(['a', 5, true, '', {}, NaN].map((value) => read(text, value))).toEqual([
    'a',
    '5',
    'true',
    null,
    'refused',
    'refused',
  ]);
});

describe('a choice', () => {
  const colour = choice({ [-1]: 'noColour', 0: 'red', 1: 'darkBlue' }, { crimson: 'red' });

  it.each([
    [0, 'red'],
    ['1', 'darkBlue'],
    [-1, 'noColour'],
    ['Dark Blue', 'darkBlue'],
    ['DARK_BLUE', 'darkBlue'],
    ['Crimson', 'red'],
    [9, 'unknown(9)'],
    ['99999999999999999999', 'unknown(99999999999999999999)'],
    ['green', 'unknown(green)'],
    ['', null],
    [1.5, 'refused'],
    [{}, 'refused'],
  ])('is read from %p as %p', (value, expected) => {
    expect(read(colour, value)).toBe(expected);
  });
});

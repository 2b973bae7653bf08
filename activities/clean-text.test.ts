import { cleanLine } from './clean-text';

test.each([
  ['white space', 'x'.padEnd(1999)],
  ['characters that are not shown', 'x'.padEnd(1999, '\u202e')],
  ['letters', 'x'.repeat(198)],
])('a line that is cut behind much %s has no half of a character', (_name, before) => {
  const line = cleanLine(`${before}💬💬.pdf`);
  expect(encodeURIComponent(line)).toMatch(/^x/);
  expect(Array.from(line).length).toBeLessThanOrEqual(200);
});

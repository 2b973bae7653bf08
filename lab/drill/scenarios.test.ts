import { readFileSync } from 'node:fs';
import { scenarios } from './scenarios';

test('README says how many faults a drill causes', () => {
  const faults = scenarios.filter(({ byNameOnly }) => byNameOnly !== true);
  expect(readFileSync('README.md', 'utf8')).toContain(`# ${faults.length} faults, one after the other`);
});

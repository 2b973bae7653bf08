import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConsumers } from '../activities/consumers';
import { saveEvents } from '../db/domain/save-events';

const external = Object.entries(createConsumers({ saveEvents })).filter(([, { kind }]) => kind === 'external');

it.each(external.map(([name]) => name))('%s is held to the contract', (name) => {
  const test = join(__dirname, '..', 'activities', 'consumers', name, `${name}-contract.test.ts`);
  expect(readFileSync(test, 'utf8')).toContain(`describeContract('${name}'`);
});

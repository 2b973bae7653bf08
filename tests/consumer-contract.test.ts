import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConsumers } from '../activities/consumers';
import { saveEvents } from '../db/domain/save-events';
import { saveTickets } from '../db/tickets/save-tickets';

const contracts = { external: 'describeContract', inDatabase: 'describeInDatabaseContract' };

it.each(Object.entries(createConsumers({ saveEvents, saveTickets })))(
  '%s is held to the contract',
  (name, { kind }) => {
    const test = join(__dirname, '..', 'activities', 'consumers', name, `${name}-contract.test.ts`);
    expect(readFileSync(test, 'utf8')).toContain(`${contracts[kind]}('${name}'`);
  },
);

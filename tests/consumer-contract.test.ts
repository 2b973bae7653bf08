import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { consumerNames, createConsumers, definitions, needsConnection, type Consumers } from '../activities/consumers';
import { effects } from '../db/effects';
import { catalogue } from '../events/catalogue';
import type { EventDefinition } from '../events/define-event';

const contracts = { external: 'describeContract', inDatabase: 'describeInDatabaseContract' };
let consumers: Consumers;

beforeAll(async () => void (consumers = await createConsumers({ effects })));

describe.each(consumerNames)('%s', (name) => {
  it('is held to the contract', () => {
    const test = join(__dirname, '..', 'activities', 'consumers', name, `${name}-contract.test.ts`);
    expect(readFileSync(test, 'utf8')).toContain(`${contracts[consumers[name]!.kind]}('${name}'`);
  });

  it('has variables that begin with its name, and are not needed', () => {
    const variables = Object.entries(definitions[name].variables ?? {});
    const wrong = variables.filter(([one, { safeParse }]) => {
      return !one.startsWith(`${name.toUpperCase()}_`) || !safeParse(undefined).success;
    });
    expect(wrong).toEqual([]);
  });

  it('has a connection if its definition says so', () => {
    const consumer = consumers[name];
    expect(consumer?.kind === 'external' && consumer.connection !== undefined).toBe(needsConnection(name));
  });
});

it.each<EventDefinition>(Object.values(catalogue))('$type withholds itself from consumers that are there', (event) => {
  expect(consumerNames).toEqual(expect.arrayContaining(Object.keys(event.withheld ?? {})));
});

import { markOf } from '../activities/consumers/salesforce/mark-subject';
import { readEvent } from '../events/read-event';
import { impliedDeliveries, type ImpliedDelivery } from './account';
import type { Destination } from './destination';
import { openSalesforces } from './salesforce-destination';
import { openZendesks } from './zendesk-destination';

interface Given {
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

let destination: Destination;
/** The connection of the only site, as the product would have it. */
let given: Given;

afterEach(() => destination.close());

/** A delivery of an offline message, which asks each of them for a record. */
function deliveryTo(queue: 'Zendesk' | 'Salesforce', id = 'a'): ImpliedDelivery {
  const type = 'OfflineMessage.Submit';
  const receivedAt = '2026-11-20T09:00:00.000Z';
  const read = readEvent({ type, id, data: { SiteId: 7, Title: 'Hello' } }, { id, receivedAt });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const connections = [{ id: 'c', siteId: '7', consumer: queue.toLowerCase(), eventTypes: [] }];
  const implied = impliedDeliveries(new Map([[read.key, read.event]]), connections);
  const delivery = implied.find(({ dataQueue }) => dataQueue === `${type}.${queue}`);
  if (delivery === undefined) throw new Error(`no delivery to ${queue}`);
  return delivery;
}

const connect = async (_site: string, _consumer: string, config: object, secrets: Readonly<Record<string, string>>) => {
  given = { config: config as Given['config'], secrets }; // the fakes' accounts hold texts only
  return 'c';
};

async function post(url: string, authorization: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { authorization, 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Record<string, unknown>; // each answers with an object
}

async function createTicket(externalId: string): Promise<void> {
  const { config, secrets } = given;
  const user = Buffer.from(`${config['email']}/token:${secrets['apiToken']}`).toString('base64');
  const ticket = { subject: 'Hello', external_id: externalId, comment: { body: 'Hello' } };
  await post(`${config['endpoint']}/api/v2/tickets.json`, `Basic ${user}`, { ticket });
}

async function createRecord(type: string, body: object): Promise<string> {
  const { config, secrets } = given;
  const form = {
    grant_type: 'client_credentials',
    client_id: config['clientId'] ?? '',
    client_secret: secrets['clientSecret'] ?? '',
  };
  const origin = config['loginUrl'];
  const signIn = await fetch(`${origin}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = (await signIn.json()) as Record<string, unknown>;
  const { id } = await post(`${origin}/services/data/v62.0/sobjects/${type}`, `Bearer ${String(token)}`, body);
  return String(id);
}

test('a ticket in Zendesk is found by the id of its delivery, and one that is there twice is named', async () => {
  destination = await openZendesks({ '7': () => undefined }, connect);
  const delivery = deliveryTo('Zendesk');
  expect(destination.look()(delivery)).toBe(false);
  await createTicket(delivery.id);
  expect([destination.look()(delivery), destination.distinct(), destination.problems()]).toEqual([true, 1, []]);
  await createTicket(delivery.id);
  expect(destination.problems()).toEqual(['1 tickets are in Zendesk twice.']);
});

test('a ticket that was removed from Zendesk is found no more', async () => {
  destination = await openZendesks({ '7': () => undefined }, connect);
  const [removed, kept] = [deliveryTo('Zendesk', 'a'), deliveryTo('Zendesk', 'b')];
  for (const { id } of [removed, kept]) await createTicket(id);
  destination.remove?.(removed);
  expect([removed, kept].map(destination.look())).toEqual([false, true]);
});

test.each([
  ['by its field', true],
  ['by the end of its subject', false],
])('a case in Salesforce is found %s, and one that is there twice is named', async (_, hasKeyField) => {
  destination = await openSalesforces({ '7': { fault: () => undefined, hasKeyField } }, connect);
  const delivery = deliveryTo('Salesforce');
  const subject = `Hello [${markOf(delivery.id)}]`;
  const body = hasKeyField ? { ChatPipelineKey__c: delivery.id } : { Subject: subject };
  expect(destination.look()(delivery)).toBe(false);
  await createRecord('Case', body);
  expect([destination.look()(delivery), destination.distinct(), destination.problems()]).toEqual([true, 1, []]);
  if (hasKeyField) return; // Salesforce itself refuses the second
  await createRecord('Case', body);
  expect(destination.problems()).toEqual(['1 cases or tasks are in Salesforce twice.']);
});

test('a contact that was created in Salesforce without a case or task is named, and one that was there before is not', async () => {
  const people = [{ name: 'Ann', email: 'ann@example.com' }];
  destination = await openSalesforces({ '7': { fault: () => undefined, people } }, connect);
  expect(destination.problems()).toEqual([]);
  const id = await createRecord('Contact', { LastName: 'Ann' });
  expect(destination.problems()).toEqual(['1 contacts or leads were created in Salesforce without case or task.']);
  await createRecord('Case', { ContactId: id, ChatPipelineKey__c: 'a' });
  expect(destination.problems()).toEqual([]);
});

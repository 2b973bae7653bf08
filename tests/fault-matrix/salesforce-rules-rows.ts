import { startSalesforce } from '../../activities/consumers/salesforce/fake';
import { blockByEmail, standardRules } from '../../activities/consumers/salesforce/fake/duplicates';
import type { Org } from '../../activities/consumers/salesforce/fake/org';
import type { FaultRow } from './run-row';
import { addAnn, none, orders, type Salesforce } from './salesforce-kind';

const { createCase, attachCase, attachTask, createContactAndCase, createLeadAndTask } = orders;
const signedIn = ['POST token', 'GET Case/describe'];
const delivered = { delivered: 1 };

/** An org where records are private, and the user may not view all of them; its assignment rules are active. */
const hiding = (more: object = {}) => ({
  start: (clock: () => number) => startSalesforce({ org: { clock, viewsAll: [] }, ...more }),
});
const ruled = (duplicateRules: Org['duplicateRules']) => ({
  start: (clock: () => number) => startSalesforce({ org: { clock, duplicateRules } }),
});
const example = { FirstName: 'Ann', LastName: 'Example', Company: 'Example', Phone: '+1 555 0100' };
const anEmail = { Email: 'ann@example.com' };
const { Company: _, ...person } = example;
const ownersOf = ({ fake }: { readonly fake: Salesforce }): readonly unknown[] =>
  fake.records('Case').map(({ values }) => values['OwnerId']);
const linksOf = ({ fake }: { readonly fake: Salesforce }): readonly unknown[] =>
  fake.records('Case').map(({ values }) => values['ContactId']);

/** Rules of an org that work as they should, and stand in our way: assignment, sharing, duplicates. */
export const salesforceRulesRows: readonly FaultRow<Salesforce>[] = [
  {
    kind: 'answer lost',
    fault: 'the socket drops when a case is there, which a rule has given to a queue, so that the user does not see it',
    ...hiding(),
    salesforce: createCase,
    creations: ['reset after'],
    expected: {
      states: delivered,
      failures: ['Unavailable'],
      records: { ...none, Case: 1 },
      requests: [...signedIn, 'POST Case', 'GET query', 'POST Case', 'GET query'],
    },
  },
  {
    kind: 'answer lost',
    fault: 'the same in an org that has no field for the key: two cases, as documented',
    ...hiding({ externalIdField: false }),
    salesforce: createCase,
    creations: ['reset after'],
    expected: { states: delivered, records: { ...none, Case: 2 } },
    never: {
      'the receipt calls it strong': async ({ standings }) =>
        (await standings()).some(({ receipt }) => receipt?.['idempotency'] !== 'weak'),
    },
  },
  {
    kind: 'answer lost',
    fault: 'the same where the connection switches assignment rules off',
    ...hiding({ externalIdField: false }),
    config: { assignmentRules: false },
    salesforce: createCase,
    creations: ['reset after'],
    expected: { states: delivered, records: { ...none, Case: 1 } },
    never: { 'a rule gives it away': (scene) => ownersOf(scene).some((owner) => String(owner).startsWith('00G')) },
  },
  {
    kind: 'content',
    fault: 'the contact of the visitor is private to somebody else: the case stands alone',
    ...hiding(),
    salesforce: attachCase,
    before: addAnn,
    expected: { states: delivered, failures: [], records: { ...none, Case: 1, Contact: 1 } },
    never: {
      'it is linked with what the user does not see': (scene) => linksOf(scene).some((id) => id !== undefined),
      'the receipt does not say so': async ({ standings }) =>
        (await standings()).some(({ receipt }) => receipt?.['degraded'] !== true),
    },
  },
  {
    kind: 'refused',
    fault: 'the same for a task',
    ...hiding(),
    salesforce: attachTask,
    before: addAnn,
    expected: { states: { parked: 1 }, failures: ['Rejected'], records: { ...none, Contact: 1 } },
  },
  {
    kind: 'all or nothing',
    fault: 'a rule gives a new lead away before its task is there',
    ...hiding(),
    salesforce: createLeadAndTask,
    expected: { states: { parked: 1 }, failures: ['Rejected'], records: none },
  },
  {
    kind: 'content',
    fault: 'the standard duplicate rule knows the visitor as a contact with the same address',
    ...ruled(standardRules),
    salesforce: createContactAndCase,
    before: (fake) => void fake.add('Contact', { ...person, ...anEmail }),
    expected: {
      states: delivered,
      failures: [],
      records: { ...none, Case: 1, Contact: 1 },
      requests: [...signedIn, 'GET Contact/describe', 'POST composite', 'POST Case'],
    },
    never: { 'the case is for nobody': (scene) => linksOf(scene).includes(undefined) },
  },
  {
    kind: 'content',
    fault: 'it knows somebody of that name and number, with another address',
    ...ruled(standardRules),
    salesforce: createContactAndCase,
    chat: { PreChatPhone: person.Phone },
    before: (fake) => void fake.add('Contact', { ...person, Email: 'other@example.com' }),
    expected: {
      states: delivered,
      failures: [],
      records: { ...none, Case: 1, Contact: 2 },
      requests: [...signedIn, 'GET Contact/describe', 'POST composite', 'POST composite'],
    },
    never: {
      'the case is for somebody else': ({ fake }) =>
        fake.records('Case').some(({ values }) => values['ContactId'] === fake.records('Contact')[0]?.id),
    },
  },
  {
    kind: 'content',
    fault: 'it knows the visitor as a lead, where a contact is asked for',
    ...ruled(standardRules),
    salesforce: createContactAndCase,
    before: (fake) => void fake.add('Lead', { ...example, ...anEmail }),
    expected: { states: delivered, failures: [], records: { ...none, Case: 1, Contact: 1, Lead: 1 } },
  },
  {
    kind: 'content',
    fault: 'it knows the visitor as a contact, where a lead is asked for',
    ...ruled(standardRules),
    salesforce: createLeadAndTask,
    before: (fake) => void fake.add('Contact', { ...person, ...anEmail }),
    expected: { states: delivered, failures: [], records: { ...none, Task: 1, Contact: 1, Lead: 1 } },
  },
  {
    kind: 'answer lost',
    fault: 'the answer is lost when a contact was saved in spite of the standard duplicate rule',
    ...ruled(standardRules),
    salesforce: createContactAndCase,
    before: (fake) => void fake.add('Lead', { ...example, ...anEmail }),
    meets: (name, { requests }) =>
      name === 'POST composite' && requests.filter((one) => one.name === name).length === 1 ? 'reset after' : undefined,
    expected: {
      states: delivered,
      failures: ['Unavailable'],
      records: { ...none, Case: 1, Contact: 1, Lead: 1 },
      requests: [...signedIn, 'GET Contact/describe', 'POST composite', 'POST composite', 'GET query'],
    },
  },
  {
    kind: 'refused',
    fault: 'a duplicate rule that blocks knows two contacts with the address',
    ...ruled([blockByEmail]),
    salesforce: createContactAndCase,
    before: (fake) => [1, 2].forEach(() => fake.add('Contact', { ...person, ...anEmail })),
    expected: { states: { parked: 1 }, failures: ['Rejected'], records: { ...none, Contact: 2 } },
  },
];

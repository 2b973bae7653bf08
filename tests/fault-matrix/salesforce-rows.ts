import { startSalesforce } from '../../activities/consumers/salesforce/fake';
import type { FaultRow, Scene } from './run-row';
import { addAnn, holdAll, none, orders, type Salesforce } from './salesforce-kind';

const EDITED = "An agent's own words";
const editCases = ({ fake }: Scene<Salesforce>): void => {
  for (const { id } of fake.records('Case')) fake.edit(id, { Subject: EDITED, Status: 'Closed' });
};
const isOverwritten = ({ fake }: Scene<Salesforce>): boolean =>
  fake.records('Case').some(({ values }) => values['Subject'] !== EDITED || values['Status'] !== 'Closed');

const transcript = `a${'😀'.repeat(40_000)}`;

const oneCase = { ...none, Case: 1 };
const caseAndContact = { ...none, Case: 1, Contact: 1 };
/** What comes first, for a case. */
const signedIn = ['POST token', 'GET Case/describe'];
const delivered = { delivered: 1 };
const parked = { parked: 1 };
const { createCase, attachCase, attachTask, createContactAndCase, createLeadAndTask, updateAll } = orders;
const isStrong = async ({ standings }: Scene<Salesforce>): Promise<boolean> =>
  (await standings()).some(({ receipt }) => receipt?.['idempotency'] !== 'weak');

export const salesforceRows: readonly FaultRow<Salesforce>[] = [
  {
    kind: 'answer lost',
    fault: 'the socket drops when contact and case are there, before the answer',
    salesforce: createContactAndCase,
    creations: ['reset after'],
    between: editCases,
    expected: {
      states: delivered,
      failures: ['Unavailable'],
      records: caseAndContact,
      requests: [...signedIn, 'GET Contact/describe', 'POST composite', 'GET query'],
    },
    never: { "the agent's edit is overwritten": isOverwritten },
  },
  {
    kind: 'answer lost',
    fault: 'the same, and the second attempt comes after two hours',
    salesforce: createContactAndCase,
    creations: ['reset after'],
    between: (scene) => {
      editCases(scene);
      scene.pass(2 * 3600_000 + 1);
    },
    expected: {
      states: delivered,
      failures: ['Unavailable'],
      records: caseAndContact,
      requests: [...signedIn, 'GET Contact/describe', 'POST composite', 'GET query'],
    },
    never: { "the agent's edit is overwritten": isOverwritten },
  },
  {
    kind: 'answer lost',
    fault: 'the same where a contact was updated, which an agent then corrects',
    salesforce: updateAll,
    before: addAnn,
    creations: ['reset after'],
    between: ({ fake }) => {
      for (const { id } of fake.records('Contact')) fake.edit(id, { Phone: EDITED });
    },
    expected: {
      states: delivered,
      failures: ['Unavailable'],
      records: caseAndContact,
      requests: [...signedIn, 'GET Contact/describe', 'GET query', 'POST composite', 'GET query'],
    },
    never: {
      "the agent's correction is overwritten": ({ fake }) =>
        fake.records('Contact').some(({ values }) => values['Phone'] !== EDITED),
    },
  },
  {
    kind: 'answer lost',
    fault: 'the socket drops when a task is there, in an org that knows it by its subject only',
    salesforce: attachTask,
    before: addAnn,
    creations: ['reset after'],
    expected: { states: delivered, records: { ...none, Task: 1, Contact: 1 } },
  },
  {
    kind: 'no answer',
    fault: 'headers come, and then nothing',
    salesforce: createCase,
    creations: ['stall after headers'],
    expected: {
      states: delivered,
      failures: ['Unavailable'],
      records: oneCase,
      requests: [...signedIn, 'POST Case', 'GET query'],
    },
  },
  {
    kind: 'no answer',
    fault: 'the body ends too early',
    salesforce: createContactAndCase,
    creations: ['truncated'],
    expected: {
      states: delivered,
      failures: ['Unavailable'],
      records: caseAndContact,
      requests: [...signedIn, 'GET Contact/describe', 'POST composite', 'GET query'],
    },
  },
  {
    kind: 'refused',
    fault: '302 to another host',
    salesforce: createCase,
    meets: (name, { elsewhere }) =>
      name === 'POST Case' ? { status: 302, headers: { location: `${elsewhere.origin}/` } } : undefined,
    expected: { states: parked, failures: ['InvalidConfig'], records: none, requests: [...signedIn, 'POST Case'] },
    never: { 'anything goes to the other host': ({ elsewhere }) => elsewhere.sockets() > 0 },
  },
  {
    kind: 'refused',
    fault: 'the sign-in is sent to another host by 302',
    salesforce: createCase,
    meets: (_, { elsewhere }) => ({ status: 302, headers: { location: `${elsewhere.origin}/` } }),
    expected: { states: parked, failures: ['InvalidConfig'], records: none, requests: ['POST token'] },
    never: { 'anything goes to the other host': ({ elsewhere }) => elsewhere.sockets() > 0 },
  },
  {
    kind: 'all or nothing',
    fault: 'the case that comes with a new contact is invalid',
    salesforce: createContactAndCase,
    before: ({ org }) => {
      org.validate = (type) => (type === 'Case' ? invalid : undefined);
    },
    expected: {
      states: parked,
      failures: ['Rejected'],
      records: none,
      requests: [...signedIn, 'GET Contact/describe', 'POST composite'],
    },
  },
  {
    kind: 'all or nothing',
    fault: 'the task that comes with a new lead is invalid',
    salesforce: createLeadAndTask,
    before: ({ org }) => {
      org.validate = (type) => (type === 'Task' ? invalid : undefined);
    },
    expected: { states: parked, failures: ['Rejected'], records: none },
  },
  {
    kind: 'later',
    fault: '503 with Retry-After',
    salesforce: createCase,
    creations: [{ status: 503, headers: { 'retry-after': '3' } }],
    expected: {
      states: delivered,
      failures: ['Unavailable'],
      records: oneCase,
      requests: [...signedIn, 'POST Case', 'GET query', 'POST Case'],
    },
  },
  {
    kind: 'later',
    fault: '502 with HTML',
    salesforce: createContactAndCase,
    creations: [{ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' }],
    expected: { states: delivered, failures: ['Unavailable'], records: caseAndContact },
  },
  {
    kind: 'credentials',
    fault: 'the token expires before a burst of 20',
    salesforce: createCase,
    events: 20,
    atOnce: 20,
    after: (fake) => fake.expireTokens(),
    meets: (name, { fake }) =>
      name === 'POST Case' && fake.records('Case').length === 1 && fake.signIns() === 1 ? holdAll(fake, 20) : undefined,
    expected: { states: { delivered: 21 }, failures: [], records: { ...none, Case: 21 } },
    never: {
      'there is more than one new sign-in': ({ fake }) => fake.signIns() !== 2,
      'not all of them are refused at the same time': ({ requests }) =>
        requests.filter(({ fault }) => fault !== undefined).length !== 20,
    },
  },
  {
    kind: 'credentials',
    fault: 'endless 401',
    salesforce: createCase,
    before: ({ org }) => void (org.endless401 = true),
    expected: {
      states: parked,
      failures: ['ConnectionBroken'],
      records: none,
      requests: [...signedIn, ...signedIn, ...signedIn],
    },
    never: { 'there are more than two new sign-ins': ({ fake }) => fake.signIns() > 3 },
  },
  {
    kind: 'content',
    fault: `the e-mail address x\\' OR Email LIKE '%`,
    salesforce: attachCase,
    chat: { PreChatEmail: "x\\' OR Email LIKE '%" },
    before: (fake) => void fake.add('Contact', { LastName: 'Other', Email: 'bob@example.com' }),
    expected: { states: delivered, failures: [], records: caseAndContact },
    never: {
      'its query finds somebody else': ({ fake }) =>
        fake.records('Case').some(({ values }) => values['ContactId'] !== undefined),
    },
  },
  {
    kind: 'content',
    fault: 'a transcript of 40,000 characters, with an emoji where it is cut',
    salesforce: createCase,
    chat: { content: transcript },
    expected: {
      states: delivered,
      failures: [],
      records: { ...oneCase, ContentVersion: 1 },
      requests: [...signedIn, 'POST composite'],
    },
    never: {
      'the description is torn or too long': ({ fake }) =>
        fake.records('Case').some(({ values }) => isTorn(String(values['Description']))),
      'the file lacks a part': ({ fake }) =>
        !fake.records('ContentVersion').every(({ values }) => textOf(values['VersionData']).includes(transcript)),
    },
  },
  {
    kind: 'race',
    fault: 'a zombie attempt ends after its retry',
    salesforce: createCase,
    creations: ['hold'],
    isZombie: true,
    expected: { states: delivered, records: oneCase },
  },
  {
    kind: 'race',
    fault: 'the same in an org that has no field for the key: two cases, as documented',
    start: (clock) => startSalesforce({ org: { clock }, externalIdField: false }),
    salesforce: createCase,
    creations: ['hold'],
    isZombie: true,
    expected: { states: delivered, records: { ...none, Case: 2 } },
    never: { 'the receipt calls it strong': isStrong },
  },
];

const invalid = { errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Not like this', fields: [] };
const textOf = (base64: unknown): string => Buffer.from(String(base64), 'base64').toString();
const isTorn = (text: string): boolean => /\p{Surrogate}/u.test(text) || text.length > 32_000 || text.length < 31_900;

import { ANN, chatFor, openOrg, type Purpose } from '../../../tests/salesforce-org';
import type { FakeRequest, Fault } from '../../http/fake';
import { isRecordCreation, type SalesforceOptions } from './fake';
import { blockByEmail, standardRules } from './fake/duplicates';
import { example } from './fake/ids';

let org: Awaited<ReturnType<typeof openOrg>>;
/** What the requests meet that write, one after the other. */
let faults: Fault[] = [];
const open = async (options: SalesforceOptions): Promise<void> => void (org = await openOrg(options));
beforeEach(() => void (faults = []));
afterEach(() => org.close());

const cases = { Subject: 'Invoice' };
const tasks = { Subject: 'Call back' };
const only = (type: Parameters<typeof org.only>[0]) => org.only(type);

describe('where a rule has given the record to another user, so that ours does not find it', () => {
  const lost = (request: FakeRequest): Fault | undefined => (isRecordCreation(request) ? faults.shift() : undefined);
  const hiding = (more: SalesforceOptions = {}): Promise<void> =>
    open({ ...more, fault: lost, org: { viewsAll: [], sharing: { Lead: 'public' } } });

  it.each([
    ['a case', { mode: 0, cases }, 'Case'],
    ['a case with its contact', { mode: 4, cases, createContact: { LastName: 'Example' } }, 'Contact'],
    ['a lead with its task', { mode: 6, tasks, leads: { LastName: 'Example', Company: 'Example' } }, 'Lead'],
  ] as const)('%s whose answer was lost is done: Salesforce names it', async (_, purpose, type) => {
    await hiding();
    faults = ['reset after'];
    const one = org.delivery(chatFor(purpose));
    await one.failure();
    const { id } = only(type);
    expect(await one.attempt()).toMatchObject({ ids: { [type.toLowerCase()]: id }, earlier: true });
    only(type);
  });

  it('a task for a lead that was given away at once is parked, and names the missing permission', async () => {
    await hiding();
    org.org.sharing = {};
    const purpose = { mode: 6, tasks, leads: { LastName: 'Example', Company: 'Example' } };
    const failure = await org.delivery(chatFor(purpose)).failure();
    expect(failure).toMatchObject({
      type: 'Rejected',
      message: expect.stringContaining('View All Records'),
      details: { errorCodes: ['INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY'] },
    });
    expect(org.records('Lead')).toEqual([]);
    await org.delivery(chatFor(purpose), { config: { assignmentRules: false } }).attempt();
    expect(only('Task').values['WhoId']).toBe(only('Lead').id);
  });

  it.each([
    ['comes twice, as nobody can be asked', {}, 2],
    ['comes once where the rules are switched off', { assignmentRules: false }, 1],
  ])('a case without a field for the key %s', async (_, config, count) => {
    await hiding({ externalIdField: false });
    faults = ['reset after'];
    const one = org.delivery(chatFor({ mode: 0, cases }), { config });
    await one.failure();
    one.wait(20_000);
    expect(await one.attempt()).toMatchObject({ idempotency: 'weak' });
    expect(org.records('Case')).toHaveLength(count);
  });

  it("is refused where another field of the customer's is the one that has the value already", async () => {
    const fields = { Case: { Order__c: { unique: true } } };
    await hiding({ fields });
    const numbered = () => org.delivery(chatFor({ mode: 0, cases: { ...cases, Order__c: '7' } }));
    await numbered().attempt();
    expect(await numbered().failure()).toMatchObject({
      type: 'Rejected',
      details: { errorCodes: ['DUPLICATE_VALUE'] },
    });
    only('Case');
  });
});

describe('a duplicate rule', () => {
  let ann: string;
  const openWithAnn = async (options: SalesforceOptions): Promise<void> => {
    await open(options);
    ann = org.add('Contact', { FirstName: 'Ann', LastName: 'Example', Email: ANN });
  };
  const send = async (purpose: Purpose) => await org.delivery(chatFor(purpose)).attempt();

  const create = { mode: 4, cases, createContact: { LastName: 'Example', FirstName: 'Ann', Email: ANN } };
  const lead = { LastName: 'Example', FirstName: 'Ann', Email: ANN, Company: 'Example' };
  const alert = { org: { duplicateRules: standardRules } };
  const detected = { type: 'Rejected', details: { errorCodes: ['DUPLICATES_DETECTED'] } };
  const park = { config: { duplicates: 'attachOrPark' } };

  it.each([
    ['blocks', { org: { duplicateRules: [blockByEmail] } }],
    ['warns', alert],
  ])('that %s and names one contact with the address: the case is attached to it', async (_, options) => {
    await openWithAnn(options);
    const receipt = await send(create);
    expect(receipt).toMatchObject({ ids: { contact: ann }, duplicateOf: ann });
    expect(org.asked()).toEqual(['POST Contact + POST Case', 'POST Case']);
    expect(only('Contact').id).toBe(ann);
    expect(only('Case').values).toMatchObject({ ContactId: ann });
  });

  it('that names a person with another address: the case is not for that person', async () => {
    await openWithAnn(alert);
    org.edit(ann, { Email: 'other@example.com', Phone: '+1 555' });
    const same = { ...create, createContact: { ...create.createContact, Phone: '(1) 555' } };
    expect(await org.delivery(chatFor(same), park).failure()).toMatchObject(detected);
    expect(org.records('Contact')).toHaveLength(1);
    const receipt = await send(same);
    expect(receipt).toMatchObject({ savedAsDuplicate: true, ids: { contact: expect.not.stringMatching(ann) } });
    expect(receipt).not.toHaveProperty('duplicateOf');
    expect(org.records('Contact')).toHaveLength(2);
    expect(only('Case').values).toMatchObject({ ContactId: (receipt.ids as Record<string, string>)['contact'] });
  });

  it.each([
    ['a lead, where a contact is created', 'Lead', create],
    ['a contact, where a lead is created', 'Contact', { mode: 6, tasks, leads: lead }],
  ] as const)(
    'that names %s: what is asked for is saved all the same, if the rule only warns',
    async (_, other, wanted) => {
      await openWithAnn(alert);
      org.remove(ann);
      org.add(other, other === 'Lead' ? lead : create.createContact);
      expect(await org.delivery(chatFor(wanted), park).failure()).toMatchObject(detected);
      const receipt = await send(wanted);
      expect(receipt).toMatchObject({ savedAsDuplicate: true });
      expect([org.records('Contact').length, org.records('Lead').length]).toEqual([1, 1]);
      expect(org.records('Case').length + org.records('Task').length).toBe(1);
    },
  );

  it('that warns and names several: one more is saved, or nothing where the rule blocks', async () => {
    await openWithAnn(alert);
    org.add('Contact', create.createContact);
    expect(await send(create)).toMatchObject({ savedAsDuplicate: true });
    org.org.duplicateRules = [blockByEmail];
    expect(await org.delivery(chatFor(create)).failure()).toMatchObject(detected);
    expect(org.records('Case')).toHaveLength(1);
  });

  it.each([
    ['a case with its contact, where nothing but a subject tells of the case', create, { Case: false }, 'weak'],
    ['a task with its contact', { mode: 5, tasks, createContact: create.createContact }, {}, 'weak'],
    ['a task with its lead', { mode: 6, tasks, leads: lead }, {}, 'weak'],
    ['a case with a contact that has no field for the key', create, { Contact: false }, 'strong'],
  ] as const)('that names what was written for %s: a database that has forgotten repeats nothing', async (...its) => {
    const [, purpose, externalIdField, again] = its;
    await open({ ...alert, externalIdField });
    const one = org.delivery(chatFor(purpose));
    const { ids, idempotency } = await one.attempt();
    expect(idempotency).toBe('strong');
    one.forget();
    expect(await one.attempt()).toMatchObject({ ids, earlier: true, idempotency: again });
    expect(org.records('Case').length + org.records('Task').length).toBe(1);
  });

  it('that names the written record: the contact tells of its task also where no subject can be written', async () => {
    await open({ ...alert, fields: { Task: { Subject: { createable: false } } } });
    const one = org.delivery(chatFor({ mode: 5, tasks: { Priority: 'High' }, createContact: create.createContact }));
    await one.attempt();
    one.forget();
    expect(await one.attempt()).toMatchObject({ ids: { contact: only('Contact').id }, earlier: true });
    only('Task');
  });

  it('that names the written record is no reason to park it', async () => {
    await open(alert);
    const numbered = { ...create, createContact: { ...create.createContact, Phone: '1' } };
    const one = org.delivery(chatFor(numbered), park);
    const { ids } = await one.attempt();
    org.edit(only('Contact').id, { Email: 'other@example.com' });
    one.forget();
    expect(await one.attempt()).toMatchObject({ ids, earlier: true });
  });

  it('that names a person: the task is recognised by looking only, and the receipt says so', async () => {
    await openWithAnn(alert);
    const task = { mode: 5, tasks, createContact: create.createContact };
    const one = org.delivery(chatFor(task));
    expect(await one.attempt()).toMatchObject({ ids: { contact: ann }, duplicateOf: ann, idempotency: 'weak' });
    expect(org.asked()).toEqual(['POST Contact + POST Task', 'FIND Task', 'FIND Contact', 'POST Task']);
    expect(one.kept()).toEqual({ begun: expect.any(Number) });
    one.forget();
    expect(await one.attempt()).toMatchObject({ ids: { contact: ann }, earlier: true, idempotency: 'weak' });
    only('Task');
  });

  it.each([
    ['that warns of a lead which is converted: one more is saved', 'alert'],
    ['that blocks because of a lead which is converted: a person decides', 'block'],
  ] as const)('%s', async (_, action) => {
    await open({ org: { duplicateRules: [{ ...standardRules[1]!, action }] } });
    org.add('Lead', { ...lead, IsConverted: true });
    const one = org.delivery(chatFor({ mode: 6, tasks, leads: lead }));
    if (action === 'block') expect(await one.failure()).toMatchObject(detected);
    else expect(await one.attempt()).toMatchObject({ savedAsDuplicate: true });
    expect(org.records('Task')).toHaveLength(action === 'block' ? 0 : 1);
  });

  it('that warns is passed at once where the connection says so', async () => {
    await openWithAnn(alert);
    const receipt = await org.delivery(chatFor(create), { config: { duplicates: 'save' } }).attempt();
    expect(receipt).toMatchObject({ savedAsDuplicate: true });
    expect(org.records('Contact')).toHaveLength(2);
  });
});

describe('an assignment rule', () => {
  const wanted = { mode: 4, cases: { ...cases, OwnerId: example.agentId }, createContact: { LastName: 'New' } };

  it.each([
    ['chooses the owner of a case', {}, example.queueId],
    ['does not, where the connection says so', { assignmentRules: false }, example.agentId],
  ])('%s, alone and beside a contact', async (_, config, owner) => {
    await open({});
    for (const mode of [4, 0]) await org.delivery(chatFor({ ...wanted, mode }), { config }).attempt();
    expect(org.records('Case').map(({ values }) => values['OwnerId'])).toEqual([owner, owner]);
  });
});

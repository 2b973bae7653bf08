import { ANN, chatFor, openOrg, type Purpose } from '../../../tests/salesforce-org';
import { exampleEvent } from '../../../tests/send-request';
import type { SalesforceOptions } from './fake';
import { example } from './fake/ids';

let org: Awaited<ReturnType<typeof openOrg>>;
let ann: string;
const open = async (options: SalesforceOptions = {}): Promise<void> => {
  org = await openOrg({ externalIdField: { Task: true }, ...options });
  ann = org.add('Contact', { LastName: 'Example', Email: ANN, Phone: '1', Department: 'Old' });
};
afterEach(() => org.close());

const cases = { Subject: 'Invoice', Origin: 'Chat' };
const tasks = { Subject: 'Call back', Priority: 'High' };
const updateContact = { Phone: '2', Title: 'Boss', Department: 'New' };
const createContact = { LastName: 'New', Email: 'new@example.com' };
const leads = { LastName: 'Lead', Company: 'Example Ltd' };

const send = async (purpose: Purpose, chat?: object) => {
  const delivery = org.delivery(chatFor(purpose, chat));
  return { receipt: await delivery.attempt(), delivery };
};
const only = (type: Parameters<typeof org.records>[0]) => {
  const [record, ...others] = org.records(type);
  expect(others).toEqual([]);
  return { id: record?.id, ...record?.values };
};

describe('each of the eleven modes makes these calls, and leaves this', () => {
  beforeEach(() => open());

  it.each<[number, Purpose, readonly string[]]>([
    [0, { mode: 0, cases }, ['POST Case']],
    [1, { mode: 1, cases }, ['FIND Contact', 'POST Case']],
    [2, { mode: 2, tasks }, ['FIND Contact', 'POST Task']],
    [4, { mode: 4, cases, createContact }, ['POST Contact + POST Case']],
    [5, { mode: 5, tasks, createContact }, ['POST Contact + POST Task']],
    [6, { mode: 6, tasks, leads }, ['POST Lead + POST Task']],
    [7, { mode: 7, cases, updateContact }, ['FIND Contact', 'PATCH Contact + POST Case']],
    [8, { mode: 8, cases, updateContact }, ['FIND Contact', 'PATCH Contact + POST Case']],
    [9, { mode: 9, tasks, updateContact }, ['FIND Contact', 'PATCH Contact + POST Task']],
    [10, { mode: 10, tasks, updateContact }, ['FIND Contact', 'PATCH Contact + POST Task']],
  ])('%i', async (mode, purpose, calls) => {
    const { receipt, delivery } = await send(purpose);
    expect(org.asked()).toEqual(calls);
    const type = purpose.cases ? 'Case' : 'Task';
    const record = only(type);
    expect(record).toMatchObject({ ...purpose.cases, ...purpose.tasks, ChatPipelineKey__c: delivery.id });
    expect(record).toMatchObject({ Description: 'Hi' });
    const { id, WhoId, ContactId } = record as { id?: string; WhoId?: string; ContactId?: string };
    const who = WhoId ?? ContactId;
    const kind = mode === 6 ? 'lead' : 'contact';
    const ids = { [type.toLowerCase()]: id, ...(mode > 0 && { [kind]: who }) };
    const urls = Object.fromEntries(Object.entries(ids).map(([name, one]) => [name, `${org.origin}/${one}`]));
    expect(receipt).toEqual({ ids, urls, idempotency: 'strong' });
    if ([4, 5].includes(mode)) {
      expect(org.records('Contact')).toHaveLength(2);
      expect(org.records('Contact').find((one) => one.id === who)?.values).toMatchObject(createContact);
    } else if (mode === 6) {
      expect(only('Lead')).toMatchObject({ id: who, ...leads });
    } else {
      const kept = { Phone: '1', Department: 'Old' };
      const now = mode < 7 ? kept : [7, 9].includes(mode) ? { ...kept, Title: 'Boss' } : updateContact;
      expect(only('Contact')).toMatchObject({ id: ann, ...now });
      if (mode > 0) expect(who).toBe(ann);
    }
  });

  it('3', async () => {
    const lead = org.add('Lead', { LastName: 'Example', Company: 'Ltd', Email: ANN });
    const { receipt } = await send({ mode: 3, tasks });
    expect(org.asked()).toEqual(['FIND Lead', 'POST Task']);
    expect(only('Task')).toMatchObject({ WhoId: lead, ...tasks });
    expect(receipt).toMatchObject({ ids: { lead } });
  });
});

describe('whom a record is for', () => {
  beforeEach(() => open());

  it("is none where none has the address: a case stands alone, with the visitor's own entries", async () => {
    const chat = { PreChatEmail: 'other@example.com', PreChatPhone: '+1 555', PreChatCompany: 'Ltd' };
    const { receipt } = await send({ mode: 7, cases, updateContact }, chat);
    expect(org.asked()).toEqual(['FIND Contact', 'POST Case']);
    expect(receipt).toMatchObject({ degraded: true, ids: { case: only('Case').id } });
    const supplied = { SuppliedEmail: 'other@example.com', SuppliedName: 'Ann Example', SuppliedPhone: '+1 555' };
    expect(only('Case')).toMatchObject({ ...supplied, SuppliedCompany: 'Ltd' });
    expect(only('Case')).not.toHaveProperty('ContactId');
  });

  it.each([2, 3, 9, 10])('is nobody, and then there is no task (mode %i)', async (mode) => {
    const failure = await org.delivery(chatFor({ mode, tasks }, { PreChatEmail: 'other@example.com' })).failure();
    expect(failure).toMatchObject({ type: 'Rejected', details: { code: 'SF_TARGET_NOT_FOUND' } });
    expect(org.records('Task')).toEqual([]);
  });

  it('is none where no address was entered, and none is asked for', async () => {
    const { receipt } = await send({ mode: 1, cases }, { PreChatEmail: null });
    expect(org.asked()).toEqual(['POST Case']);
    expect(receipt).toMatchObject({ degraded: true });
  });

  it('is the one of several that was changed last', async () => {
    org.org.clock = () => Date.now() + 60_000;
    const other = org.add('Contact', { LastName: 'Other', Email: ANN });
    org.org.clock = () => Date.now() + 120_000;
    org.edit(ann, { Phone: '3' });
    expect((await send({ mode: 1, cases })).receipt).toMatchObject({ ids: { contact: ann }, ambiguousMatch: true });
    org.remove(other);
    expect((await send({ mode: 1, cases })).receipt).not.toHaveProperty('ambiguousMatch');
  });

  it('is whom the list names by id, or by another address', async () => {
    const other = org.add('Contact', { LastName: 'Other', Email: 'other@example.com' });
    const byId = await send({ mode: 1, cases, updateContact: { Id: other } });
    expect(byId.receipt).toMatchObject({ ids: { contact: other } });
    const byAddress = await send({ mode: 10, tasks, updateContact: { email: 'other@example.com', Title: 'Boss' } });
    expect(byAddress.receipt).toMatchObject({ ids: { contact: other } });
    const failure = await org.delivery(chatFor({ mode: 1, cases, updateContact: { Id: `x' OR 1` } })).failure();
    expect(failure).toMatchObject({ type: 'Rejected', details: { code: 'MALFORMED_ID' } });
  });

  it('is not hidden by a text that is no address, in the list or in the chat', async () => {
    const broken = { Email: 'ann@example' };
    const first = await send({ mode: 2, tasks, updateContact: broken });
    expect(first.receipt).toMatchObject({ ids: { contact: ann } });
    const second = await send({ mode: 8, cases, updateContact: broken });
    expect(second.receipt).toMatchObject({ ids: { contact: ann }, leftOut: ['Contact.Email'] });
    const { receipt } = await send({ mode: 4, cases, createContact: { ...broken, LastName: 'New' } });
    expect(receipt).toMatchObject({ leftOut: ['Contact.Email'] });
    expect(org.records('Contact')[1]?.values).toMatchObject({ LastName: 'New', Email: ANN });
  });

  it('is no lead that has become a contact', async () => {
    org.add('Lead', { LastName: 'Example', Company: 'Ltd', Email: ANN, IsConverted: true });
    const failure = await org.delivery(chatFor({ mode: 3, tasks })).failure();
    expect(failure).toMatchObject({ details: { code: 'SF_TARGET_NOT_FOUND' } });
  });

  it.each<[string, () => Record<string, string>, 'WhoId' | 'WhatId' | null]>([
    ['the contact', () => ({ ConvertedContactId: ann, ConvertedAccountId: example.accountId }), 'WhoId'],
    ['the account, where there is no contact,', () => ({ ConvertedAccountId: example.accountId }), 'WhatId'],
    ['no record, where the user does not see it,', () => ({}), null],
  ])('is %s that a lead becomes while the task is written', async (_, becomes, link) => {
    const lead = org.add('Lead', { LastName: 'Example', Company: 'Ltd', Email: ANN });
    org.script.fault = ({ path }) => {
      if (path.endsWith('/sobjects/Task')) org.edit(lead, { IsConverted: true, ...becomes() });
      return undefined;
    };
    const delivery = org.delivery(chatFor({ mode: 3, tasks }));
    if (link === null) {
      const details = { errorCodes: ['CANNOT_UPDATE_CONVERTED_LEAD'] };
      return expect(await delivery.failure()).toMatchObject({ type: 'Rejected', details });
    }
    const [id] = Object.values(becomes());
    const ids = { task: expect.any(String), [link === 'WhoId' ? 'contact' : 'account']: id };
    expect(await delivery.attempt()).toMatchObject({ ids, convertedLead: lead, idempotency: 'strong' });
    expect(only('Task')).toMatchObject({ [link]: id });
    expect(org.asked()).toEqual(['FIND Lead', 'POST Task', 'FIND Lead', 'POST Task']);
  });

  it('is who stands for a contact that was merged while the record was written', async () => {
    const other = org.add('Contact', { LastName: 'Other', Email: ANN });
    org.script.fault = ({ path }) => {
      if (path.endsWith('/sobjects/Case')) org.remove(ann);
      return undefined;
    };
    org.edit(ann, { Phone: '3' });
    org.edit(other, { LastModifiedDate: '2020-01-01T00:00:00.000+0000' });
    expect((await send({ mode: 1, cases })).receipt).toMatchObject({ ids: { contact: other } });
    expect(org.asked()).toEqual(['FIND Contact', 'POST Case', 'FIND Contact', 'POST Case']);
  });
});

describe('fields of the contact', () => {
  beforeEach(() => open());

  it('that are blank are empty, and false is not', async () => {
    org.edit(ann, { Title: '  ', DoNotCall: false });
    await send({ mode: 7, cases, updateContact: { Title: 'Boss', DoNotCall: 'true', Phone: '2' } });
    expect(only('Contact')).toMatchObject({ Title: 'Boss', DoNotCall: false, Phone: '1' });
  });

  it('are left alone where none is empty: no PATCH', async () => {
    await send({ mode: 9, tasks, updateContact: { Phone: '2' } });
    expect(org.asked()).toEqual(['FIND Contact', 'POST Task']);
  });

  it('that the user cannot write are refused by name, before anything is written', async () => {
    const failure = await org.delivery(chatFor({ mode: 8, cases, updateContact: { Colour__c: 'red' } })).failure();
    expect(failure).toMatchObject({ type: 'Rejected', details: { object: 'Contact', fields: ['Colour__c'] } });
    expect(org.records('Case')).toEqual([]);
  });

  it('for a name are one line', async () => {
    await send({ mode: 6, tasks }, { PreChatName: 'Ann\nLee', PreChatCompany: 'A\u2028B', PreChatEmail: null });
    expect(only('Lead')).toMatchObject({ LastName: 'Ann Lee', Company: 'A B' });
  });

  it('that a visitor left out have something that Salesforce demands', async () => {
    await send({ mode: 6, tasks }, { PreChatName: null, PreChatEmail: null });
    expect(only('Lead')).toMatchObject({ LastName: '[not provided]', Company: '[not provided]' });
  });

  it('take no address that is none', async () => {
    const { receipt } = await send({ mode: 4, cases }, { PreChatEmail: 'ann@nowhere' });
    expect(receipt).toMatchObject({ leftOut: ['Contact.Email'] });
    expect(org.records('Contact')[1]?.values).toMatchObject({ LastName: 'Ann Example' });
  });
});

describe('what is written', () => {
  beforeEach(() => open());

  it('is nothing for mode 0 without fields, as without a configuration', async () => {
    expect((await send({ mode: 0 })).receipt).toEqual({ skipped: 'no fields' });
    expect(org.arrivals).toEqual([]);
  });

  it('is nothing for an unknown mode', async () => {
    const failure = await org.delivery(chatFor({ mode: 11 })).failure();
    expect(failure).toMatchObject({ type: 'Rejected', details: { code: 'SF_MODE_UNKNOWN' } });
    expect(org.arrivals).toEqual([]);
  });

  it('is by the connection for an offline message, with its file', async () => {
    const offlineMessage = {
      mode: 'createLeadAndAttachTask',
      taskFields: { Priority: { value: 'High' } },
      leadFields: { Company: { from: 'contact.company' }, Industry: { from: 'customFields.None' } },
    };
    const files = [{ position: 0, name: 'note.txt', content: Buffer.from('Hello, world!') }];
    await org.delivery(exampleEvent('OfflineMessage.Submit'), { config: { offlineMessage }, files }).attempt();
    expect(org.asked()).toEqual(['POST Lead + POST Task + POST ContentVersion']);
    const lead = only('Lead');
    expect(lead).toMatchObject({ LastName: 'Ann Example', Company: 'Example Ltd', Email: ANN, Phone: '+1 555 0100' });
    const task = only('Task');
    expect(task).toMatchObject({ WhoId: lead.id, Subject: 'Invoice missing', Priority: 'High' });
    expect(only('ContentVersion')).toMatchObject({
      FirstPublishLocationId: task.id,
      Title: 'note.txt',
      ContentSize: 13,
    });
  });
});

import { ANN, chatFor, openOrg } from '../../../tests/salesforce-org';
import { exampleEvent } from '../../../tests/send-request';
import type { Fault } from '../../http/fake';
import { isRecordCreation, type SalesforceOptions } from './fake';

let org: Awaited<ReturnType<typeof openOrg>>;
/** What the requests meet that write, one after the other. */
let faults: Fault[] = [];
const open = async (options: SalesforceOptions = {}): Promise<void> => {
  org = await openOrg({ fault: (request) => (isRecordCreation(request) ? faults.shift() : undefined), ...options });
};
beforeEach(() => void (faults = []));
afterEach(() => org.close());

const cases = { Subject: 'Invoice' };
const tasks = { Subject: 'Call back' };
const only = (type: Parameters<typeof org.only>[0]) => org.only(type);

/** What the files hold, by their names. */
const texts = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    org
      .records('ContentVersion')
      .map(({ values }) => [
        String(values['PathOnClient']),
        Buffer.from(String(values['VersionData']), 'base64').toString(),
      ]),
  );

describe('where Salesforce keeps the key unique', () => {
  beforeEach(() => open());

  it.each([
    ['looks before it repeats', false, ['POST Case', 'FIND Case']],
    ['is told by Salesforce where its tries begin anew', true, ['POST Case', 'POST Case', 'FIND Case']],
  ])('a case whose answer was lost comes once: the repeat %s', async (_, isRedriven, calls) => {
    faults = ['reset after'];
    const one = org.delivery(chatFor({ mode: 0, cases }));
    expect(await one.failure()).toMatchObject({ type: 'Unavailable' });
    const { id } = only('Case');
    org.edit(id, { Subject: 'Mended by an agent', Status: 'Closed' });
    if (isRedriven) one.redrive();
    expect(await one.attempt()).toMatchObject({ ids: { case: id }, idempotency: 'strong', earlier: true });
    expect(org.asked()).toEqual(calls);
    expect(only('Case').values).toMatchObject({ Subject: 'Mended by an agent', Status: 'Closed' });
  });

  it('two writers at one moment leave one case', async () => {
    faults = ['hold'];
    const stalled = org.next('stalled');
    const one = org.delivery(chatFor({ mode: 0, cases }));
    const late = one.attempt();
    await stalled;
    one.redrive();
    const { ids } = await one.attempt();
    org.release();
    expect((await late).ids).toEqual(ids);
    expect(org.recordsOf(one.id)).toHaveLength(1);
  });

  it.each([
    [4, 'Contact', { createContact: { LastName: 'New' }, cases }],
    [5, 'Contact', { createContact: { LastName: 'New' }, tasks }],
    [6, 'Lead', { leads: { LastName: 'New' }, tasks }],
  ] as const)('what mode %i creates comes once', async (mode, type, lists) => {
    faults = ['reset after'];
    const one = org.delivery(chatFor({ mode, ...lists }));
    await one.failure();
    one.redrive();
    const { ids, earlier } = await one.attempt();
    expect(ids).toMatchObject({ [type.toLowerCase()]: only(type).id });
    expect(earlier).toBe(true);
    expect(org.records('Case').length + org.records('Task').length).toBe(1);
  });

  it("a contact's fields are not written over an agent's", async () => {
    const ann = org.add('Contact', { LastName: 'Example', Email: ANN });
    faults = ['reset after'];
    const one = org.delivery(chatFor({ mode: 8, cases, updateContact: { Phone: '2' } }));
    await one.failure();
    org.edit(ann, { Phone: '3' });
    one.redrive();
    expect(await one.attempt()).toMatchObject({ ids: { contact: ann } });
    expect(only('Contact').values).toMatchObject({ Phone: '3' });
  });

  it('a record that a user has removed since is not written again, as long as its contact is there', async () => {
    faults = ['reset after'];
    const one = org.delivery(chatFor({ mode: 4, cases, createContact: { LastName: 'New' } }));
    await one.failure();
    org.remove(only('Case').id);
    expect((await one.attempt()).ids).toEqual({ contact: only('Contact').id });
    expect(org.records('Case')).toEqual([]);
  });

  it.each([
    [4, 'Case', 'Contact', { createContact: { LastName: 'New' }, cases }],
    [6, 'Task', 'Lead', { leads: { LastName: 'New' }, tasks }],
  ] as const)(
    'nothing is left of mode %i where its %s is refused; afterwards all is there',
    async (mode, record, target, lists) => {
      org.org.validate = (type) =>
        type === record ? { errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'No.' } : undefined;
      const one = org.delivery(chatFor({ mode, ...lists }));
      const failure = await one.failure();
      expect(failure).toMatchObject({
        type: 'Rejected',
        details: { errorCodes: ['FIELD_CUSTOM_VALIDATION_EXCEPTION'] },
      });
      expect(org.records(target)).toEqual([]);
      org.org.validate = () => undefined;
      await one.attempt();
      expect([only(target).type, only(record).type]).toEqual([target, record]);
    },
  );

  it("another field's clash is the organisation's to mend", async () => {
    await org.close();
    await open({ fields: { Case: { Order__c: { unique: true } } } });
    org.add('Case', { Order__c: 'A-1' });
    const failure = await org.delivery(chatFor({ mode: 0, cases: { Order__c: 'a-1' } })).failure();
    expect(failure).toMatchObject({ type: 'Rejected', details: { errorCodes: ['DUPLICATE_VALUE'] } });
  });
});

describe('where the organisation has no field for the key', () => {
  const WAIT_MS = 20_000;
  beforeEach(() => open({ externalIdField: false }));

  it.each<[string, { Subject?: string } | undefined, string]>([
    ['given', cases, 'Invoice'],
    ['its own', undefined, 'Chat with Ann Example'],
    ['with space around', { Subject: '  Invoice\t 7 ' }, 'Invoice 7'],
    ['longer than Salesforce takes', { Subject: '😀'.repeat(200) }, `${'😀'.repeat(117)}… [cut]`],
  ])('a subject that is %s ends with a mark, and finds the case again', async (_, given, subject) => {
    faults = ['reset after'];
    const one = org.delivery(chatFor({ mode: 0, cases: { Origin: 'Chat', ...given } }));
    await one.failure();
    one.redrive();
    one.wait(WAIT_MS);
    expect(await one.attempt()).toMatchObject({ ids: { case: only('Case').id }, idempotency: 'weak', earlier: true });
    const text = String(only('Case').values['Subject']);
    expect(text.replace(/ \[[0-9A-F]{10}\]$/, '')).toBe(subject);
    expect(text).not.toBe(subject);
    expect(Object.values(texts())).toEqual(subject.endsWith('[cut]') ? [given?.Subject] : []);
  });

  it('a database that has forgotten every attempt repeats nothing', async () => {
    const one = org.delivery(chatFor({ mode: 0, cases }));
    const { ids } = await one.attempt();
    one.forget();
    expect(await one.attempt()).toMatchObject({ ids, earlier: true });
    expect(org.records('Case')).toHaveLength(1);
  });

  it('a repeat waits until the request before has had its effect', async () => {
    faults = ['hold'];
    const stalled = org.next('stalled');
    const one = org.delivery(chatFor({ mode: 0, cases }));
    const late = one.attempt();
    await stalled;
    org.asked();
    expect(await one.failure()).toMatchObject({ type: 'Unavailable', ours: true, retryAfterMs: expect.any(Number) });
    expect(org.asked()).toEqual([]);
    org.release();
    await late;
    one.wait(WAIT_MS);
    await one.attempt();
    expect(org.records('Case')).toHaveLength(1);
  });

  it('two chats with one subject are two cases', async () => {
    const both = [1, 2].map(() => org.delivery(chatFor({ mode: 0, cases })));
    for (const one of both) {
      faults = [{ status: 503 }];
      await one.failure();
      one.wait(WAIT_MS);
      await one.attempt();
    }
    expect(org.records('Case')).toHaveLength(2);
  });

  it('no other record is taken for it where the user may not write subjects', async () => {
    await org.close();
    await open({ externalIdField: false, fields: { Case: { Subject: { createable: false } } } });
    org.add('Case', {});
    const one = org.delivery(chatFor({ mode: 0, cases: { Origin: 'Chat' } }));
    faults = [{ status: 503 }];
    await one.failure();
    one.wait(WAIT_MS);
    expect(await one.attempt()).not.toHaveProperty('earlier');
    expect(org.records('Case')).toHaveLength(2);
  });
});

it('finds again by a look-up where the field is not unique', async () => {
  await open({ fields: { Case: { ChatPipelineKey__c: { unique: false } } } });
  faults = ['reset after'];
  const one = org.delivery(chatFor({ mode: 0, cases }));
  await one.failure();
  one.wait(20_000);
  expect(await one.attempt()).toMatchObject({ idempotency: 'weak', earlier: true });
  expect(only('Case').values['Subject']).toBe('Invoice');
});

describe('a text that is too long', () => {
  it('is cut between characters, says so, and is attached whole', async () => {
    await open();
    const mark = '… [cut]';
    const content = `${'x'.repeat(32_000 - mark.length - 1)}😀${'y'.repeat(8_000)}`;
    const receipt = await org.delivery(chatFor({ mode: 0, cases }, { content })).attempt();
    expect(receipt).toMatchObject({ cut: ['Case.Description'] });
    const { id, values } = only('Case');
    expect(values['Description']).toBe(`${'x'.repeat(32_000 - mark.length - 1)}${mark}`);
    expect(texts()).toEqual({ 'Case.Description.txt': content });
    expect(only('ContentVersion').values).toMatchObject({ FirstPublishLocationId: id });
  });

  it('is attached whole of the contact, too, beside the file of the message', async () => {
    await open();
    const offlineMessage = {
      mode: 'createContactAndAttachCase',
      createContactFields: { Description: { from: 'content' } },
    };
    const Content = '😀'.repeat(20_000);
    const files = [{ position: 0, name: '../note.txt', content: Buffer.from('Hello') }];
    const event = exampleEvent('OfflineMessage.Submit', { Content });
    await org.delivery(event, { config: { offlineMessage }, files }).attempt();
    expect(texts()).toEqual({
      'Contact.Description.txt': Content,
      'Case.Description.txt': Content,
      '.._note.txt': 'Hello',
    });
  });
});

import { chatFor, openOrg } from '../../../tests/salesforce-org';
import type { FakeRequest, Fault } from '../../http/fake';
import { isRecordCreation, type SalesforceOptions } from './fake';

let org: Awaited<ReturnType<typeof openOrg>>;
/** What the requests meet that write, one after the other. */
let faults: Fault[] = [];
const open = async (options: SalesforceOptions): Promise<void> => void (org = await openOrg(options));
beforeEach(() => void (faults = []));
afterEach(() => org.close());

const cases = { Subject: 'Invoice' };
const tasks = { Subject: 'Call back' };
const only = (type: Parameters<typeof org.records>[0]) => {
  const found = org.records(type);
  expect(found).toHaveLength(1);
  return found[0]!;
};

describe('where a rule has given the record to somebody else, so that our user does not find it', () => {
  const nothing: Fault = {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ totalSize: 0, done: true, records: [] }),
  };
  const hidden = (request: FakeRequest): Fault | undefined =>
    request.path.endsWith('/query') ? nothing : isRecordCreation(request) ? faults.shift() : undefined;

  it.each([
    ['a case', { mode: 0, cases }, 'Case'],
    ['a case with its contact', { mode: 4, cases, createContact: { LastName: 'Example' } }, 'Contact'],
    ['a lead with its task', { mode: 6, tasks, leads: { LastName: 'Example', Company: 'Example' } }, 'Lead'],
  ] as const)('%s whose answer was lost is done: Salesforce names it', async (_, purpose, type) => {
    await open({ fault: hidden });
    faults = ['reset after'];
    const one = org.delivery(chatFor(purpose));
    await one.failure();
    const { id } = only(type);
    expect(await one.attempt()).toMatchObject({ ids: { [type.toLowerCase()]: id }, earlier: true });
    only(type);
  });

  it("is refused where another field of the customer's is the one that has the value already", async () => {
    const fields = { Case: { Order__c: { unique: true } } };
    await open({ fault: hidden, fields });
    const numbered = () => org.delivery(chatFor({ mode: 0, cases: { ...cases, Order__c: '7' } }));
    await numbered().attempt();
    expect(await numbered().failure()).toMatchObject({
      type: 'Rejected',
      details: { errorCodes: ['DUPLICATE_VALUE'] },
    });
    only('Case');
  });
});

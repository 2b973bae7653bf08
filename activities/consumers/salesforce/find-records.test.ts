import { ANN, chatFor, openOrg } from '../../../tests/salesforce-org';
import { isRecordCreation } from './fake';

let org: Awaited<ReturnType<typeof openOrg>>;
beforeEach(async () => {
  org = await openOrg({ externalIdField: { Task: true } });
  for (const Email of [ANN, 'bob@example.com', '%', null]) org.add('Contact', { LastName: 'Example', Email });
});
afterEach(() => org.close());

describe.each([`x\\' OR Email LIKE '%`, `' OR Email!='`, `\\`, `x') OR (Id!='`, '%', `'`, '\n', '_nn@example.com'])(
  'an address that is %j',
  (PreChatEmail) => {
    const updateContact = { Title: 'Hacked' };

    it('changes no record, and is none for a task', async () => {
      org.remove(org.records('Contact').find(({ values }) => values['Email'] === '%')?.id ?? '');
      const failure = await org.delivery(chatFor({ mode: 10, updateContact }, { PreChatEmail })).failure();
      expect(failure).toMatchObject({ type: 'Rejected', details: { code: 'SF_TARGET_NOT_FOUND' } });
      expect(org.records('Contact').filter(({ values }) => values['Title'] !== undefined)).toEqual([]);
    });

    it('is on no case', async () => {
      org.remove(org.records('Contact').find(({ values }) => values['Email'] === '%')?.id ?? '');
      const cases = { Subject: 'Hi' };
      const receipt = await org.delivery(chatFor({ mode: 1, cases, updateContact }, { PreChatEmail })).attempt();
      expect(receipt).toMatchObject({ degraded: true });
      expect(org.records('Case')[0]?.values).not.toHaveProperty('ContactId');
    });
  },
);

it.each([true, false])(
  "takes a visitor's words for no reference to other records (with the field: %s)",
  async (hasField) => {
    await org.close();
    let isLost = true;
    org = await openOrg({
      externalIdField: hasField,
      fault: (request) => (isRecordCreation(request) && isLost ? 'reset after' : undefined),
    });
    const words = 'Hi @{target.id} @{nobody.Name}';
    const one = org.delivery(
      chatFor({ mode: 4, cases: { Subject: words }, createContact: { LastName: words } }, { content: words }),
    );
    await one.failure();
    isLost = false;
    one.wait(20_000);
    expect(await one.attempt()).toMatchObject({ earlier: true });
    const kept = 'Hi @ {target.id} @ {nobody.Name}';
    expect(org.records('Contact').map(({ values }) => values['LastName'])).toEqual([kept]);
    expect(org.records('Case')).toMatchObject([
      { values: { Subject: expect.stringContaining(kept), Description: kept } },
    ]);
  },
);

import { ANN, chatFor, openOrg } from '../../../tests/salesforce-org';

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

    it('changes nobody, and is nobody for a task', async () => {
      org.remove(org.records('Contact').find(({ values }) => values['Email'] === '%')?.id ?? '');
      const failure = await org.delivery(chatFor({ mode: 10, updateContact }, { PreChatEmail })).failure();
      expect(failure).toMatchObject({ type: 'Rejected', details: { code: 'SF_TARGET_NOT_FOUND' } });
      expect(org.records('Contact').filter(({ values }) => values['Title'] !== undefined)).toEqual([]);
    });

    it("is on nobody's case", async () => {
      org.remove(org.records('Contact').find(({ values }) => values['Email'] === '%')?.id ?? '');
      const cases = { Subject: 'Hi' };
      const receipt = await org.delivery(chatFor({ mode: 1, cases, updateContact }, { PreChatEmail })).attempt();
      expect(receipt).toMatchObject({ degraded: true });
      expect(org.records('Case')[0]?.values).not.toHaveProperty('ContactId');
    });
  },
);

import { generateKeyPairSync } from 'node:crypto';
import { openOrg } from '../../../tests/salesforce-org';
import type { FakeRequest } from '../../http/fake';
import { configSchema } from './account';
import { isRecordCreation, type SalesforceOptions } from './fake';
import { standardRules } from './fake/duplicates';
import type { Org } from './fake/org';
import { example } from './fake/ids';
import { defaultSignIn } from './fake/tokens';

let org: Awaited<ReturnType<typeof openOrg>>;
async function check(
  options: SalesforceOptions = {},
  secrets?: object,
  config: object = {},
): Promise<readonly string[]> {
  org = await openOrg(options);
  const account = { config: { ...org.account.config, ...config }, secrets: secrets ?? org.account.secrets };
  const said = await org.consumer.connection.check(account, AbortSignal.timeout(10_000));
  return said.split('\n');
}
afterEach(() => org.close());

it('says who is signed in, what each object lets it do, and how many calls of the day are left', async () => {
  const lines = await check({ externalIdField: { Task: true } });
  expect(lines).toEqual([
    `${new URL(org.origin).host} accepts the account, user ${example.userId}`,
    'Case: repeats are recognised for sure (ChatPipelineKey__c)',
    'Task: repeats are recognised for sure (ChatPipelineKey__c)',
    'Contact: repeats are recognised for sure (ChatPipelineKey__c)',
    'Lead: repeats are recognised for sure (ChatPipelineKey__c)',
    'ContentVersion: files and whole texts can be attached',
    'Records of others: could not be read for Case, Contact, Lead (View Setup and Configuration is needed): see that the permission set gives View All Records',
    'Assignment rules: active for Case (Cases to Support), Lead (Leads to Sales): they choose the owner, and may send mails',
    'Duplicate rules: could not be read (View Setup and Configuration is needed); `duplicates` is attachOrSave',
    // All at once: which of the ten answers with usage is the last is not sure, as those that refuse are not read.
    expect.stringMatching(/^API calls of the last 24 hours: (8|9|10) of 15000$/),
  ]);
  expect(org.signIns()).toBe(1);
  expect(org.arrivals.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/token'))).toEqual([]);
});

describe('says of the rules of the org', () => {
  const offlineMessage = { mode: 'createContactAndAttachCase' };

  it.each<[string, Partial<Org>, object, RegExp]>([
    [
      'whose records the user sees',
      { viewsSetup: true },
      {},
      /^Records of others: the user sees all of Case, Contact, Lead$/m,
    ],
    [
      'whose records the user does not see',
      { viewsSetup: true, viewsAll: ['Contact'], sharing: { Lead: 'public' } },
      {},
      /^Records of others: the user sees all of Contact, Lead\nRecords of others: the user does not see those of Case: give View All Records/m,
    ],
    ['that none assigns', { assignmentRules: [] }, {}, /^Assignment rules: none is active$/m],
    ['that the connection switches assignment off', {}, { assignmentRules: false }, /^Assignment rules: switched off/m],
    [
      'which duplicates are noticed',
      { viewsSetup: true, duplicateRules: standardRules },
      { duplicates: 'save' },
      /^Duplicate rules: active for Contact \(Standard Contact Duplicate Rule\), Lead \(.*\); `duplicates` is save$/m,
    ],
    [
      'that contacts without an account are private',
      {},
      { offlineMessage },
      /^Contact: .*; .*is private.* map AccountId$/m,
    ],
  ])('%s', async (_, wanted, config, expected) => {
    expect((await check({ org: wanted }, undefined, config)).join('\n')).toMatch(expected);
  });

  it.each(['Organization', 'UserPermissionAccess'])(
    'that it is not known whose records the user sees: no %s',
    async (of) => {
      const body = JSON.stringify([{ errorCode: 'INVALID_TYPE', message: 'No such object' }]);
      const fault = ({ query }: FakeRequest) =>
        query.get('q')?.endsWith(` FROM ${of}`) ? { status: 400, body } : undefined;
      const lines = (await check({ org: { viewsSetup: true, viewsAll: ['Contact'] }, fault })).join('\n');
      expect(lines).toMatch(
        /^Records of others: the user sees all of Contact\nRecords of others: could not be read for Case, Lead /m,
      );
      expect(lines).not.toMatch(/does not see/);
    },
  );

  it('nothing of private contacts where an account is mapped', async () => {
    const mapped = { ...offlineMessage, createContactFields: { accountid: { value: example.accountId } } };
    expect((await check({}, undefined, { offlineMessage: mapped })).join()).not.toMatch(/private/);
  });
});

describe('a check that writes', () => {
  const said: string[] = [];
  async function tryWrite(options: SalesforceOptions, config: object = {}): Promise<string> {
    said.length = 0;
    org = await openOrg(options);
    const account = { ...org.account, config: { ...org.account.config, ...config } };
    return await org.consumer.connection.tryWrite!(account, AbortSignal.timeout(10_000), (line) => {
      const isBefore = org.arrivals.filter(isRecordCreation).length === 0;
      said.push(`${isBefore ? 'before' : 'after'}: ${line}`);
    });
  }
  const offlineMessage = { mode: 'createContactAndAttachCase' };

  it('says first what it may bring about, then writes as an offline message does, and removes it', async () => {
    const lines = (await tryWrite({ org: { deletes: true } }, { offlineMessage })).split('\n');
    expect(said.join('\n')).toMatch(
      /^before: A Case and Contact named "Connection test.*send mails[^]*before: .*Cases to Support[^]*\nafter: Written, and removed next: Case 500\w+, Contact 003\w+$/,
    );
    const [id] = org.arrivals.flatMap(({ method, path }) => (method === 'DELETE' ? path.split('/').slice(-1) : []));
    expect(lines.slice(0, 2)).toEqual([
      `Case ${id} was written; its owner is ${example.queueId}, by a rule or the mapping`,
      `Case ${id} was removed`,
    ]);
    expect(lines[3]).toMatch(/^Contact 003\w+ was removed$/);
    expect([...org.records('Case'), ...org.records('Contact')]).toEqual([]);
  });

  it('names what it could not remove, and what the user does not see any more', async () => {
    expect(await tryWrite({ org: { viewsAll: [] } })).toMatch(
      /^Case (500\w+) was written; the user does not see it any more.*\nCase \1 could not be removed: remove it by hand\./,
    );
    expect(org.records('Case')).toMatchObject([{ values: { Subject: 'Connection test: may be removed' } }]);
  });

  it.each(['updateAllContactFieldsAndAttachCase', 'attachTaskToLead'])(
    'touches nobody who is there: %s',
    async (mode) => {
      const said = await tryWrite({ org: { deletes: true } }, { offlineMessage: { mode } });
      expect(said).toMatch(/^\w+ \w+ was written.*\n.* was removed$/);
      expect(org.arrivals.filter(({ method }) => method === 'PATCH')).toEqual([]);
    },
  );

  it('removes what it wrote, and names it, also where it cannot be looked at', async () => {
    const unread = ({ path, query }: { path: string; query: URLSearchParams }) =>
      path.endsWith('/query') && / FROM (Case|Contact) /.test(query.get('q') ?? '') ? { status: 503 } : undefined;
    const config = { offlineMessage: { ...offlineMessage, caseFields: { Code__c: { from: 'content' } } } };
    const fields = { Case: { Code__c: { length: 10 } } };
    const lines = (await tryWrite({ fields, fault: unread, org: { deletes: true } }, config)).split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^Case \w+ was written; its owner could not be read$/),
      expect.stringMatching(/^Case \w+ was removed$/),
      expect.stringMatching(/^Contact \w+ was written; its owner could not be read$/),
      expect.stringMatching(/^Contact \w+ was removed$/),
      'The whole text of Case.Code__c stays in the org as a file: remove it by hand',
    ]);
  });

  it('says where to look when the answer was lost', async () => {
    const lost = tryWrite({ fault: (request) => (isRecordCreation(request) ? 'reset after' : undefined) });
    await expect(lost).rejects.toThrow(/Look for "Connection test: may be removed" in Salesforce/);
  });
});

it('tells of a clock that is wrong', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  org = await openOrg({ publicKey, org: { clock: () => Date.now() + 4 * 60_000 } });
  const config = { ...org.account.config, authorization: 'jwtBearer', username: defaultSignIn.username };
  const said = await org.consumer.connection.check({ config, secrets: { privateKey } }, AbortSignal.timeout(10_000));
  expect(said).toMatch(/^The clock of this machine is \d+ s behind Salesforce's: set it$/m);
});

it.each<[string, SalesforceOptions, RegExp]>([
  [
    'no field for the key',
    { externalIdField: false },
    /^Case: repeats are recognised by their subject only.*add the field/m,
  ],
  [
    'a field that is not unique',
    { fields: { Case: { ChatPipelineKey__c: { unique: false } } } },
    /^Case: .*make the field unique/m,
  ],
  [
    'a field that the user may not write',
    { fields: { Case: { ChatPipelineKey__c: { createable: false } } } },
    /^Case: .*allow the user to write it/m,
  ],
  [
    'an object that the user may only read',
    { org: { access: { Lead: 'read' } } },
    /^Lead: the user may not create any/m,
  ],
  [
    'fields that are always written and that the user may not write',
    { fields: { Case: { ContactId: { createable: false }, SuppliedPhone: { createable: false } } } },
    /^Case: .*cannot write ContactId: allow it.*stays empty, as the user cannot write it: SuppliedPhone$/m,
  ],
  ['an object that the user does not see', { org: { access: { Lead: 'none' } } }, /^Lead: the user does not see it/m],
  [
    'fields that the org demands',
    { fields: { Case: { Order__c: { nillable: false }, Phone__c: { nillable: false } } } },
    /^Case: .*every one needs Order__c, Phone__c: map them/m,
  ],
])('tells of %s', async (_, options, expected) => {
  expect((await check(options)).join('\n')).toMatch(expected);
});

it.each<[string, SalesforceOptions, object | undefined, object]>([
  ['a wrong secret', {}, { clientSecret: 'wrong' }, { type: 'ConnectionBroken' }],
  ['tokens that are not taken', { org: { endless401: true } }, undefined, { type: 'ConnectionBroken' }],
  [
    'an org that does not answer well',
    { fault: ({ path }) => (path.endsWith('/describe') ? { status: 503 } : undefined) },
    undefined,
    { type: 'Unavailable' },
  ],
])('fails with %s', async (_, options, secrets, expected) => {
  await expect(check(options, secrets)).rejects.toMatchObject(expected);
});

describe('the address that signs in', () => {
  const read = (config: object) => configSchema.safeParse({ clientId: 'x', ...config });

  it.each([undefined, 'https://login.salesforce.com', 'https://test.salesforce.com/'])(
    'is refused for clientCredentials where all orgs share it: %s',
    (loginUrl) => {
      const { error } = read({ authorization: 'clientCredentials', ...(loginUrl && { loginUrl }) });
      expect(error?.issues).toMatchObject([{ path: ['loginUrl'], message: expect.stringContaining('My Domain') }]);
    },
  );

  it('may be shared for the other flows', () => {
    expect(read({ authorization: 'refreshToken' }).success).toBe(true);
    expect(read({ authorization: 'jwtBearer', username: 'chat@example.com' }).success).toBe(true);
  });
});

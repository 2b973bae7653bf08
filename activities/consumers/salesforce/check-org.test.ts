import { generateKeyPairSync } from 'node:crypto';
import { openOrg } from '../../../tests/salesforce-org';
import { configSchema } from './account';
import type { SalesforceOptions } from './fake';
import { example } from './fake/ids';
import { defaultSignIn } from './fake/tokens';

let org: Awaited<ReturnType<typeof openOrg>>;
async function check(options: SalesforceOptions = {}, secrets?: object): Promise<readonly string[]> {
  org = await openOrg(options);
  const account = { ...org.account, secrets: secrets ?? org.account.secrets };
  const said = await org.consumer.connection.check(account, AbortSignal.timeout(10_000));
  return said.split('\n');
}
afterEach(() => org.close());

it('says who is signed in, what each object lets it do, and what is left of the calls of the day', async () => {
  const lines = await check({ externalIdField: { Task: true } });
  expect(lines).toEqual([
    `${new URL(org.origin).host} accepts the account, user ${example.userId}`,
    'Case: repeats are recognised for sure (ChatPipelineKey__c)',
    'Task: repeats are recognised for sure (ChatPipelineKey__c)',
    'Contact: repeats are recognised for sure (ChatPipelineKey__c)',
    'Lead: repeats are recognised for sure (ChatPipelineKey__c)',
    'ContentVersion: files and whole texts can be attached',
    'API calls of the last 24 hours: 5 of 15000',
  ]);
  expect(org.signIns()).toBe(1);
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

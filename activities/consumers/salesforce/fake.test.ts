import { startSalesforce, type SalesforceOptions } from './fake';
import { defaultSignIn } from './fake/tokens';

const B = '/services/data/v62.0';
let org: Awaited<ReturnType<typeof startSalesforce>>;
let token: string;

async function open(options: SalesforceOptions = {}): Promise<void> {
  org = await startSalesforce(options);
  const { clientId: client_id, clientSecret: client_secret } = defaultSignIn;
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret });
  const answer = await fetch(`${org.origin}/services/oauth2/token`, { method: 'POST', body });
  token = ((await answer.json()) as { access_token: string }).access_token;
}
afterEach(() => org.close());

async function call(method: string, path: string, body?: object, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`${org.origin}${B}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
}

const query = (soql: string) => call('GET', `/query?q=${encodeURIComponent(soql)}`);
const names = async (soql: string) =>
  (await query(soql)).body.records.map(({ LastName }: { LastName: string }) => LastName);

it('takes only tokens that it gave and that have not expired', async () => {
  await open();
  const describe = () => call('GET', '/sobjects/Case/describe');
  expect((await describe()).headers.get('sforce-limit-info')).toBe('api-usage=1/15000');
  org.expireTokens();
  expect(await describe()).toMatchObject({ status: 401, body: [{ errorCode: 'INVALID_SESSION_ID' }] });
});

it.each<[string, string, object, string]>([
  ['a contact without LastName', 'Contact', { Email: 'a@example.com' }, 'REQUIRED_FIELD_MISSING'],
  ['a lead without Company', 'Lead', { LastName: 'A' }, 'REQUIRED_FIELD_MISSING'],
  ['a field that is none', 'Case', { Colour: 'red' }, 'INVALID_FIELD'],
  ['a field that cannot be written', 'Case', { CaseNumber: '1' }, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
  ['an id', 'Case', { Id: '500Qy0000000001AAA' }, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
  ['an id of another kind', 'Case', { ContactId: '500Qy0000000001AAA' }, 'FIELD_INTEGRITY_EXCEPTION'],
  ['an id of nobody', 'Task', { WhoId: '003Qy0000000099' }, 'INVALID_CROSS_REFERENCE_KEY'],
  ['a text that is too long', 'Case', { Subject: 'x'.repeat(256) }, 'STRING_TOO_LONG'],
  ['an address that is none', 'Contact', { LastName: 'A', Email: 'a@b' }, 'INVALID_EMAIL_ADDRESS'],
  ['a number as text', 'Task', { CallDurationInSeconds: '5' }, 'JSON_PARSER_ERROR'],
  ['another choice', 'Task', { CallType: 'Loud' }, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
])('refuses %s', async (_, type, body, errorCode) => {
  await open();
  expect(await call('POST', `/sobjects/${type}`, body)).toMatchObject({ status: 400, body: [{ errorCode }] });
  expect(org.records('Case')).toHaveLength(0);
});

it('refuses a task that is about a lead and something else', async () => {
  await open();
  const WhoId = org.add('Lead', { LastName: 'A', Company: 'B' });
  const WhatId = org.add('Case', {});
  const { body } = await call('POST', '/sobjects/Task', { WhoId, WhatId });
  expect(body).toMatchObject([{ errorCode: 'FIELD_INTEGRITY_EXCEPTION' }]);
});

it('keeps an external id unique, with letters in any case', async () => {
  await open();
  const body = { ChatPipelineKey__c: 'key-a' };
  const first = await call('POST', '/sobjects/Case', body);
  const again = await call('POST', '/sobjects/Case', { ChatPipelineKey__c: 'KEY-A' });
  expect(again).toMatchObject({ status: 400, body: [{ errorCode: 'DUPLICATE_VALUE' }] });
  expect(org.recordsOf('key-a').map(({ id }) => id)).toEqual([first.body.id]);
});

describe('composite', () => {
  const contact = (body: object) => ({ method: 'POST', url: `${B}/sobjects/Contact`, referenceId: 'c', body });
  const kase = (body: object) => ({ method: 'POST', url: `${B}/sobjects/Case`, referenceId: 'k', body });
  const send = (compositeRequest: readonly object[]) =>
    call('POST', '/composite', { allOrNone: true, compositeRequest });

  it('lets a part refer to one before it', async () => {
    await open();
    const { body } = await send([contact({ LastName: 'A' }), kase({ ContactId: '@{c.id}' })]);
    expect(body.compositeResponse).toMatchObject([
      { httpStatusCode: 201, referenceId: 'c', body: { success: true } },
      { httpStatusCode: 201, referenceId: 'k' },
    ]);
    expect(org.records('Case')[0]?.values['ContactId']).toBe(org.records('Contact')[0]?.id);
  });

  it('rolls all back when one is refused, and tells which', async () => {
    await open();
    const { status, body } = await send([contact({ LastName: 'A' }), kase({ Nothing: 1 })]);
    expect(status).toBe(200);
    expect(body.compositeResponse).toMatchObject([
      { httpStatusCode: 400, referenceId: 'c', body: [{ errorCode: 'PROCESSING_HALTED' }] },
      { httpStatusCode: 400, referenceId: 'k', body: [{ errorCode: 'INVALID_FIELD' }] },
    ]);
    expect(org.records('Contact')).toEqual([]);
  });

  it.each<[string, (part: object) => readonly object[]]>([
    ['no part', () => []],
    ['a part without a name', (part) => [{ ...part, referenceId: undefined }]],
    ['two parts of one name', (part) => [part, part]],
    ['a header that is not allowed', (part) => [{ ...part, httpHeaders: { Authorization: 'x' } }]],
    ['something unknown', (part) => [{ ...part, name: 'x' }]],
    ['too many', (part) => Array.from({ length: 26 }, (_, i) => ({ ...part, referenceId: `r${i}` }))],
  ])('is refused as a whole with %s', async (_, make) => {
    await open();
    expect((await send(make(contact({ LastName: 'A' })))).status).toBe(400);
    expect(org.records('Contact')).toEqual([]);
  });
});

describe('a query', () => {
  beforeEach(async () => {
    await open();
    org.add('Contact', { LastName: "O'Brien", Email: 'A@example.com', Phone: '1' });
    org.add('Contact', { LastName: '100%', Email: 'b@example.com' });
    org.add('Contact', { LastName: 'a\\b' });
    org.remove(org.add('Contact', { LastName: 'gone' }));
  });

  it.each<[string, readonly string[]]>([
    [`Email='a@EXAMPLE.com'`, [`O'Brien`]],
    [String.raw`LastName='O\'Brien'`, [`O'Brien`]],
    [String.raw`LastName='a\\b'`, ['a\\b']],
    [`LastName='1'`, []],
    [`LastName IN ('100%','x')`, ['100%']],
    [`CreatedDate>=2000-01-01T00:00:00Z AND Email='b@example.com'`, ['100%']],
    [`CreatedDate>=2900-01-01T00:00:00.000Z`, []],
  ])('finds by %s', async (where, expected) => {
    expect(await names(`SELECT LastName FROM Contact WHERE ${where}`)).toEqual(expected);
  });

  it('sorts and stops', async () => {
    expect(await names('SELECT LastName FROM Contact ORDER BY LastName DESC LIMIT 2')).toEqual([`O'Brien`, 'a\\b']);
  });

  it.each([
    [`SELECT Id FROM Contact WHERE LastName='O'Brien'`, 'MALFORMED_QUERY'],
    [`SELECT Id FROM Contact WHERE Phone='1' OR Phone='2'`, 'MALFORMED_QUERY'],
    [`SELECT Id FROM Contact WHERE LastName LIKE 'O%'`, 'MALFORMED_QUERY'],
    [`SELECT Id,id FROM Contact`, 'MALFORMED_QUERY'],
    [`SELECT Id,Colour FROM Contact`, 'INVALID_FIELD'],
    [`SELECT Id FROM Nothing`, 'INVALID_TYPE'],
    [`SELECT Id FROM Case WHERE Description='x'`, 'INVALID_FIELD'],
    [`SELECT Id FROM Contact WHERE CreatedDate>='2000-01-01T00:00:00Z'`, 'INVALID_FIELD'],
    [`SELECT Id FROM Contact WHERE Id='x'`, 'INVALID_QUERY_FILTER_OPERATOR'],
  ])('is refused: %s', async (text, errorCode) => {
    expect(await query(text)).toMatchObject({ status: 400, body: [{ errorCode }] });
  });
});

it('tells what the user may do', async () => {
  await open({ org: { access: { Lead: 'none', Task: 'read' } }, externalIdField: { Task: true } });
  expect((await call('GET', '/sobjects/Lead/describe')).status).toBe(404);
  expect((await call('GET', '/sobjects/Task/describe')).body.createable).toBe(false);
  expect((await call('POST', '/sobjects/Task', {})).status).toBe(403);
  const { fields } = (await call('GET', '/sobjects/case/describe')).body;
  const key = fields.find(({ name }: { name: string }) => name === 'ChatPipelineKey__c');
  expect(key).toMatchObject({ unique: true, externalId: true, length: 100 });
});

it('has left old versions behind, and other objects never were', async () => {
  await open();
  const old = await fetch(`${org.origin}/services/data/v30.0/query`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(old.status).toBe(410);
  expect((await call('GET', '/sobjects/Nothing/describe')).status).toBe(404);
});

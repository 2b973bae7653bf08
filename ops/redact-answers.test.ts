import type { HttpExchange } from '../activities/http/exchange';
import { redactAnswers } from './redact-answers';

const HOST = 'https://markerhost.zendesk.com';
const known = {
  config: { subdomain: 'markerhost', email: 'marker.login@example.com', groupId: 71234, customFields: { 360001: {} } },
  secrets: { apiToken: 'MARKER-token-0123' },
};

const exchange = (path: string, body: unknown, more: Partial<HttpExchange> = {}): HttpExchange => ({
  method: 'GET',
  url: `${HOST}${path}`,
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
});

const one = (body: unknown, more: Partial<HttpExchange> = {}) => redactAnswers([exchange('/x', body, more)], known)[0];

it('leaves no token, address, name or id of a person', () => {
  const exchanges = [
    exchange('/oauth/tokens', {
      access_token: 'MARKERaccess0123456789',
      refresh_token: 'MARKERrefresh',
      token_type: 'bearer',
      instance_url: 'https://markerorg.my.salesforce.com',
      id: 'https://login.salesforce.com/id/00DMARKER0000001AA/005MARKER0000001AA',
      signature: 'MARKERsignature=',
    }),
    exchange('/api/v2/users/8888888801.json?query=marker.login%40example.com', {
      user: {
        id: 8888888801,
        organization_id: 8888888802,
        name: 'Marker Person',
        email: 'marker@markermail.example',
        alias: 'MarkerAlias',
        phone: '+49 8888888803',
        shared_phone_number: 8888888804,
        photo: { content_url: 'https://cdn.markerhost.net/MARKER.png' },
        notes: 'MARKER is kind',
        user_fields: { shoe: 'MARKER size' },
        tags: ['marker_tag'],
        role: 'agent',
      },
    }),
    exchange(
      '/services/data/v60.0/sobjects/User/005MARKER0000001AA',
      [
        {
          errorCode: 'INSUFFICIENT_ACCESS',
          message: 'Marker Person (marker@markermail.example) of markerhost, 005MARKER0000001AA, MARKER-token-0123',
        },
      ],
      { status: 403, headers: { location: 'https://markerorg.my.salesforce.com/x', 'set-cookie': 'sid=MARKERcookie' } },
    ),
    exchange('/x', '<html>Sign in, MARKER</html>', { status: 502 }),
    exchange('/x', 'Ask marker@markermail.example, MARKER-token-0123', { status: 429 }),
  ];
  const written = JSON.stringify(redactAnswers(exchanges, known));
  expect(written.match(/.{0,20}(marker|88888888).{0,20}/gi)).toBeNull();
  for (const word of ['bearer', 'agent', 'INSUFFICIENT_ACCESS']) expect(written).toContain(`"${word}"`);
});

it.each<[string, unknown, Partial<HttpExchange>?]>([
  [
    'a title and a description that are no refusal',
    { records: [{ Title: 'Marker, CEO', Description: 'MARKER calls' }] },
  ],
  ['a sentence in the place of a code', { error: 'The user marker@markermail.example is suspended' }],
  ['an address outside of ASCII', [{ errorCode: 'X', message: 'Ask marker@märkte-marker.example' }]],
  [
    'a phone number, and an address of a computer',
    { error: { title: 'X', message: 'Call +49 888 888 888, from 88.88.88.88' } },
  ],
  [
    'what is too long',
    [{ errorCode: 'STRING_TOO_LONG', message: 'Name: data value too large: Marker\nB (max length=5)' }],
  ],
  ['a choice', [{ errorCode: 'X', message: 'Who: bad value for restricted picklist field: Marker B' }]],
  ['an address that is none', [{ errorCode: 'X', message: 'Email: invalid email address: marker of marker' }]],
  ['a key that is no word', { 'Name of Marker': 'Somebody', error: { message: 'Somebody is away' } }],
  ['ids', { ids: [8888888801] }],
  [
    'where it sends',
    '',
    { headers: { location: 'https://x.example/?email=marker%40x.example&sid=00D!888888.markerMARKER7.marker' } },
  ],
])('leaves nothing of %s', (_, body, more = {}) => {
  const written = JSON.stringify(redactAnswers([exchange('/x', body, { status: 400, ...more })], known));
  expect(written.match(/.{0,20}(marker|88).{0,20}/gi)).toBeNull();
});

it("keeps the path of a request, also where a part of it is a person's name", () => {
  const path = '/services/data/v60.0/sobjects/Case/describe';
  const rules = exchange('/x', { records: [{ Name: 'Case' }, { Name: 'describe' }] });
  expect(redactAnswers([rules, exchange(path, {})], known)[1]?.path).toBe(path);
});

it('keeps what the code decides by: statuses, codes, switches, lengths, and ids that the configuration names', () => {
  const fields = [
    { name: 'Marker__c', label: 'Marker', type: 'string', length: 131072, createable: true, defaultValue: 'MARKER' },
  ];
  expect(one({ name: 'Case', createable: true, fields, recordTypeInfos: [] })?.body).toEqual({
    name: 'Case',
    createable: true,
    fields: [
      {
        name: 'Marker__c',
        label: '{label}',
        type: 'string',
        length: 131072,
        createable: true,
        defaultValue: '{defaultValue}',
      },
    ],
    recordTypeInfos: [],
  });
  const records = [{ Name: 'MARKER rule', SobjectType: 'Case', Active: true, DefaultCaseAccess: 'None' }];
  expect(one({ records })?.body).toEqual({ records: [{ ...records[0], Name: '{Name}' }] });
  expect(one({ ticket_fields: [{ id: 360001 }, { id: 360002 }], count: 2, next_page: null })?.body).toEqual({
    ticket_fields: [{ id: 360001 }, { id: '{id}' }],
    count: 2,
    next_page: null,
  });
  const paths = [
    '/api/v2/groups/71234.json',
    '/api/v2/groups/99999.json',
    '/services/data/v60.0/sobjects/ContentVersion/describe',
  ];
  expect(
    redactAnswers(
      paths.map((path) => exchange(path, {})),
      known,
    ).map(({ path }) => path),
  ).toEqual([
    '/api/v2/groups/71234.json',
    '/api/v2/groups/{id}.json',
    '/services/data/v60.0/sobjects/ContentVersion/describe',
  ]);
  const headers = { 'retry-after': '7', 'x-rate-limit': '700', date: 'Mon, 30 Nov 2026 06:00:00 GMT', server: 'x' };
  expect(one('', { status: 429, headers })).toMatchObject({
    status: 429,
    headers: { 'retry-after': '7', 'x-rate-limit': '700' },
    body: '',
  });
});

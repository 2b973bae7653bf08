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

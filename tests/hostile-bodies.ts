import { catalogue } from '../events/catalogue';

const ban = catalogue['Agent.Ban'].example;

const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);
export const banText = JSON.stringify(ban);
/** The text of a ban of site 10001 with this at its end. */
export const banWithEnd = (end: string): string => `${banText.slice(0, -1)},${end}}`;

/** Bodies of an Agent.Ban, and the status of the answer. */
export const hostileBodies: readonly (readonly [what: string, body: string | Buffer, status: number])[] = [
  ['nothing', '', 400],
  ['a truncated object', banText.slice(0, -1), 400],
  ['a truncated text', banText.slice(0, banText.lastIndexOf('"')), 400],
  ['a list', `[${banText}]`, 422],
  ['null', 'null', 422],
  ['a text', '"Agent.Ban"', 422],
  ['a number', '7', 422],
  ['two objects', banText + banText, 400],
  ['bytes that are no UTF-8', Buffer.concat([Buffer.from(banText), Buffer.from([0xff, 0xfe])]), 400],
  ['half of a character', Buffer.from(`{"Comment":"é`).subarray(0, -1), 400],
  ['UTF-16', Buffer.from(`\ufeff${banText}`, 'utf16le'), 400],
  ['a NUL between tokens', banText.replace(',', '\0,'), 400],
  ['NaN', banWithEnd('"Comment":NaN'), 400],
  ['a comment', banWithEnd('"Comment":1/*x*/'), 400],
  ['100,000 open lists', nested('[', '', 100_000), 422],
  ['100,000 lists in each other', nested('[', ']', 100_000), 422],
  [
    '10,000 objects in each other in a field',
    banWithEnd(`"Comment":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
    422,
  ],
  ['300,000 values', banWithEnd(`"More":[${'0,'.repeat(300_000)}0]`), 422],
  ['1,900,000 objects', banWithEnd(`"More":[${'{},'.repeat(1_900_000)}0]`), 422],
  ['1,000,000 numbers beyond a double', banWithEnd(`"More":[${'1e999,'.repeat(1_000_000)}0]`), 422],
  ['3,000,000 bytes', banWithEnd(`"AttachmentContent":[${'0,'.repeat(3_000_000)}0]`), 422],
  ['500,000 fields', banWithEnd(Array.from({ length: 500_000 }, (_, n) => `"k${n}":0`).join()), 422],
  ['a number beyond a double', banWithEnd('"AgentId":1e400'), 422],
  ['a number beyond a double in an unknown field', banWithEnd('"More":-1e99999'), 422],
  ['a site of 100,000 digits', banText.replace('10001', '1'.repeat(100_000)), 422],
  ['a number of 1,000,000 digits', banWithEnd(`"Comment":${'9'.repeat(1_000_000)}`), 202],
  ['a site below 0', banText.replace('10001', '-10001'), 422],
  ['a site of half a number', banText.replace('10001', '10001.5'), 422],
  ['an object for a choice', JSON.stringify({ ...ban, BanType: { toString: 1 } }), 422],
  ['a list for an id', JSON.stringify({ ...ban, AgentId: [1] }), 422],
  ['true for an address', JSON.stringify({ ...ban, IpFromOrVisitorId: true }), 422],
  ['a reference to itself', '{"$id":"1","SiteId":10001,"BanType":0,"IpFromOrVisitorId":1,"More":{"$ref":"1"}}', 202],
  ['a mark of a number', banWithEnd('"AgentId":{"$number":"1e400"}'), 422],
  ['characters that cannot be stored', banWithEnd('"Comment":"\\u0000\\ud800 \\udfff"'), 202],
  ['a byte order mark', `\ufeff${banText}`, 202],
];

const lineOfObjects = JSON.stringify({ type: 'Agent.Ban', id: 'h', data: ban }).replace(
  /\}\}$/,
  `,"More":[${'{},'.repeat(150_000)}0]}}\n`,
);

/** Bodies with several events, and the status of the answer. */
export const hostileLists: readonly (readonly [what: string, body: string, form: string, status: number])[] = [
  ['5,000,000 objects in lines', lineOfObjects.repeat(33), 'application/x-ndjson', 413],
  ['6,000,000 objects in a batch', `[${'{},'.repeat(6_000_000)}0]`, 'application/cloudevents-batch+json', 413],
  ['20,000,000 blank lines', '\n'.repeat(20_000_000), 'application/x-ndjson', 400],
  ['2,000,000 lines', '{}\n'.repeat(2_000_000), 'application/x-ndjson', 413],
];

import { readFile } from 'node:fs/promises';
import { defaultPayloadConverter } from '@temporalio/common';
import fc from 'fast-check';
import { parse } from 'lossless-json';
import { payloadConverter } from './payload-converter';

const read = (json: string): unknown =>
  payloadConverter.fromPayload({ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(json) });

test('reads integers beyond 2^53-1 as decimal strings, at any depth', () => {
  const json = '{"ChatId":636512345678901234,"a":[{"b":-9007199254740992}],"top":9223372036854775807}';
  expect(read(json)).toEqual({
    ChatId: '636512345678901234',
    a: [{ b: '-9007199254740992' }],
    top: '9223372036854775807',
  });
  expect(read('636512345678901234')).toBe('636512345678901234');
});

function asNumber(text: string): unknown {
  if (/^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text))) return text;
  return Number.isFinite(Number(text)) ? Number(text) : { $number: text };
}

test('leaves every other number a number', () => {
  const json =
    '[9007199254740991, -9007199254740991, 0, -1.5e3, 1.2345678901234567890, 12345678901234567890e0, 636512345678901234]';
  expect(read(json)).toEqual([
    9007199254740991,
    -9007199254740991,
    0,
    -1500,
    1.2345678901234567,
    12345678901234567890,
    '636512345678901234',
  ]);
});

test('leaves digits inside strings and keys alone', () => {
  const value = { '636512345678901234': 'card 4111111111111111, \\" 636512345678901234 \\', b: '\\', c: '"' };
  expect(read(JSON.stringify(value))).toEqual(value);
  expect(read(JSON.stringify({ ...value, id: 1 }).replace(':1}', ':636512345678901234}'))).toEqual({
    ...value,
    id: '636512345678901234',
  });
});

test('reads what a lossless parser reads', () => {
  const long = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
  const parts = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.oneof(long, fc.jsonValue())), { maxLength: 6 });
  fc.assert(
    fc.property(parts, (entries) => {
      const members = Object.entries(Object.fromEntries(entries)).map(
        ([key, value]) => `${JSON.stringify(key)} : ${typeof value === 'bigint' ? value : JSON.stringify(value)}`,
      );
      const json = `{${members.join(', ')}}`;
      expect(read(json)).toEqual(parse(json, null, asNumber));
    }),
  );
});

test('hands on as text what JSON.parse refuses, and nothing else', () => {
  const fragment = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\',
    '-',
    '.',
    'e',
    ' ',
    'a',
    '0',
    '636512345678901234',
    '1234567890123456',
  );
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 8 }), (fragments) => {
      const text = fragments.join('');
      if (!isJson(text)) expect(read(text)).toBe(text);
      else expect(read(text)).toEqual(parse(text, null, asNumber));
    }),
    {
      numRuns: 5_000,
      examples: [
        [['636512345678901234', 'e', '636512345678901234']],
        [['{', '636512345678901234', ':', '0', '}']],
        [['{', '636512345678901234', ' ', ':', '0', '}']],
      ],
    },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('reads megabytes of escapes beside a long integer without running out of stack', () => {
  const text = '\\"\n'.repeat(1_000_000);
  const json = `{"text":${JSON.stringify(text)},"id":636512345678901234}`;
  expect(read(json)).toEqual({ text, id: '636512345678901234' });
});

test('writes what every other Temporal SDK reads', () => {
  for (const value of [undefined, null, 'text', 1, { a: [1] }]) {
    const payload = payloadConverter.toPayload(value);
    expect(payload).toEqual(defaultPayloadConverter.toPayload(value));
    expect(payloadConverter.fromPayload(payload)).toEqual(value);
  }
});

test("reads Google's JSON form of a message as JSON", () => {
  const metadata = { encoding: Buffer.from('json/protobuf'), messageType: Buffer.from('google.protobuf.Struct') };
  const data = Buffer.from('{"ChatId":636512345678901234}');
  expect(payloadConverter.fromPayload({ metadata, data })).toEqual({ ChatId: '636512345678901234' });
});

const text = Buffer.from('{"a":"é💬"}');
const bytes = Buffer.from([0xff, 0, 0xfe, 0x80]);

test.each<[string, object, string, string?]>([
  ['bytes', { metadata: { encoding: Buffer.from('binary/plain') }, data: bytes }, 'sent as binary/plain', '/wD+gA=='],
  ['a message', { metadata: { encoding: Buffer.from('binary/protobuf') }, data: text }, 'sent as binary/protobuf'],
  [
    'an encoding that Object has',
    { metadata: { encoding: Buffer.from('constructor') }, data: text },
    'sent as constructor',
  ],
  ['no encoding', { metadata: {}, data: text }, 'sent without an encoding'],
  ['no metadata', { data: text }, 'sent without an encoding'],
  ['null for them', { metadata: null, data: text }, 'sent without an encoding'],
  ['nothing at all', {}, 'sent without an encoding', ''],
])('hands on %s as an event of no type, with what was sent', (_name, payload, type, data = text.toString()) => {
  expect(payloadConverter.fromPayload(payload)).toEqual({ type, data });
});

test('hands on JSON without any data as text', () => {
  for (const data of [{}, { data: null }, { data: new Uint8Array() }]) {
    expect(payloadConverter.fromPayload({ metadata: { encoding: Buffer.from('json/plain') }, ...data })).toBe('');
  }
});

test('writes bytes of any length as base64', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (some) => {
      const data = Buffer.from([0xff, ...some]); // no UTF-8
      expect(payloadConverter.fromPayload({ data })).toMatchObject({ data: data.toString('base64') });
    }),
  );
});

test('builds into the workflow bundle', async () => {
  const code = await readFile(process.env['WORKFLOW_BUNDLE'] ?? '', 'utf8');
  expect(code).toContain('quoteInexact');
});

test('marks a number that no double can hold, so that it is not null at the next activity', () => {
  const long = `1${'0'.repeat(400)}.5`;
  const input = read(`{"a":1e400,"b":[-1.5E+309,1e308,"1e400",1e-400,1.5e+0000308],"e1e400":1e999,"c":${long}}`);
  const marked = {
    a: { $number: '1e400' },
    b: [{ $number: '-1.5E+309' }, 1e308, '1e400', 0, 1.5e308],
    e1e400: { $number: '1e999' },
    c: { $number: long },
  };
  expect(input).toEqual(marked);
  expect(payloadConverter.fromPayload(payloadConverter.toPayload(input))).toEqual(marked);
});

test('writes what is nested as deeply as JSON.stringify allows', () => {
  let deep: unknown[] = [];
  for (let level = 0; level < 2_000; level++) deep = [deep];
  expect(payloadConverter.fromPayload(payloadConverter.toPayload(deep))).toEqual(deep);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDay } from './make-day';
import { newtonsoftText } from './make-day/newtonsoft-text';

const day = makeDay();

test('the day in the repository is the one that the generator writes', () => {
  expect(readFileSync(join(__dirname, 'day.ndjson'), 'utf8')).toBe(`${day.join('\n')}\n`);
});

test('the day has what trips hasty receivers', () => {
  const text = day.join('\n');
  expect(day.length).toBeGreaterThanOrEqual(300);
  expect(new Set(text.match(/^\{"type":"[^"]+"/gm)).size).toBeGreaterThanOrEqual(14);
  for (const trap of [/\p{Script=Han}/u, /\p{Script=Arabic}/u, /\p{Script=Hebrew}/u, /\p{Extended_Pictographic}/u]) {
    expect(text).toMatch(trap);
  }
  for (const trap of ['\\u0000', '\\ud83c', '"0001-01-01T00:00:00"', ':null', '"MissedChatStatus":3']) {
    expect(text).toContain(trap);
  }
  expect(text).toMatch(/"SessionId":6390\d{14},/); // bare, beyond 2^53
  expect(Math.max(...day.map((line) => Buffer.byteLength(line)))).toBeGreaterThan(60 * 1024);
  expect(new Set(day).size).toBeLessThan(day.length); // some lines come twice
});

test('the chats ask for each of the eleven modes of Salesforce, and one of them for nothing', () => {
  const asked = [...day.join('\n').matchAll(/"PurposeChatEnd":(\d+),"Cases":(\[\],"Tasks":\[\])?/g)];
  expect(new Set(asked.map(([, mode]) => mode)).size).toBe(11);
  expect(asked.filter(([, , empty]) => empty !== undefined).map(([, mode]) => mode)).toEqual(['0']);
});

test('a C# value is printed as Newtonsoft.Json prints it', () => {
  const value = {
    N: 0,
    L: 636512345678901234n,
    D: { double: 12 },
    F: { double: 1.5 },
    S: 'a\u0000\u2028"',
    X: null,
    A: [true],
  };
  expect(newtonsoftText(value)).toBe(
    '{"N":0,"L":636512345678901234,"D":12.0,"F":1.5,"S":"a\\u0000\\u2028\\"","X":null,"A":[true]}',
  );
});

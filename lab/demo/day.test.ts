import { readFileSync } from 'node:fs';
import { dayFile } from '../read-day';

const text = readFileSync(dayFile, 'utf8');
const day = text.trimEnd().split('\n');

test('the day has what trips hasty receivers', () => {
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
  const asked = [...text.matchAll(/"PurposeChatEnd":(\d+),"Cases":(\[\],"Tasks":\[\])?/g)];
  expect(new Set(asked.map(([, mode]) => mode)).size).toBe(11);
  expect(asked.filter(([, , empty]) => empty !== undefined).map(([, mode]) => mode)).toEqual(['0']);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDay } from './read-day';

const folder = mkdtempSync(join(tmpdir(), 'read-day-'));
const fileOf = (text: string): string => {
  const file = join(folder, 'day.ndjson');
  writeFileSync(file, text);
  return file;
};

afterAll(() => rmSync(folder, { recursive: true }));

test('data is handed on as it was printed, long numbers and all', () => {
  const data = '{"SiteId":1,"SessionId":636512345678901234,"Name":"a}\\u0000"}';
  const line = `{"type":"Visit.Log","id":"v \\"1\\"","receivedAt":"2026-11-20T09:00:00.000Z","data":${data}}`;
  expect(readDay(fileOf(`${line}\n{"type":"X","data":1}\n`))).toEqual([
    { type: 'Visit.Log', id: 'v "1"', receivedAt: '2026-11-20T09:00:00.000Z', data },
    { type: 'X', data: '1' },
  ]);
});

test('a line that is cut off is kept, for the publisher to refuse', () => {
  expect(readDay(fileOf('{"type":"Visit.Log","data":{"SiteId":1,"Na'))).toEqual([
    { type: 'Visit.Log', data: '{"SiteId":1,"Na' },
  ]);
});

test('a line that is no event names its number', () => {
  expect(() => readDay(fileOf('{"type":"X","data":1}\n{"data":1}\n'))).toThrow('Line 2');
});

import { InvalidEvent } from '../client';
import { readBinary, readCloudEvent } from './cloud-events';

const attributes = { specversion: '1.0', source: '/', type: 'Agent.Ban', id: 'c-1' };

test.each([
  ['"a quoted \\"id\\""', 'a quoted "id"'],
  ['%22Z%C3%BCrich%22', '"Zürich"'],
  ['"%E2%82%AC"', '€'],
  ['100%', '100%'],
])('the header ce-id: %s is read as %s', (header, id) => {
  const headers = { 'ce-specversion': '1.0', 'ce-source': '/', 'ce-type': 'Agent.Ban', 'ce-id': header };
  expect(readBinary(headers, '{}')).toMatchObject({ id });
});

const data = '{"name":"é"}';

test.each([
  Buffer.from(data).toString('base64'),
  Buffer.from(data).toString('base64url'),
  Buffer.from(`\uFEFF${data}`).toString('base64'),
])('data_base64 %s is read', (base64) => {
  expect(readCloudEvent({ ...attributes, data_base64: base64 })).toMatchObject({ data });
});

test.each([
  ['ÿþ', 'no base64'],
  ['e30=GARBAGE', 'more after its end'],
  ['eyJhIjoxfQ==eyJi', 'two one after the other'],
  ['a', 'half a byte'],
  [Buffer.from(data, 'latin1').toString('base64'), 'Latin-1'],
])('data_base64 %s is refused: %s', (base64) => {
  const read = (): unknown => readCloudEvent({ ...attributes, data_base64: base64 });
  expect(read).toThrow(InvalidEvent);
  expect(read).toThrow(/data_base64/);
});

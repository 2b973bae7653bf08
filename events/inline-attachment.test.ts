import { readEvent } from './read-event';

const fallback = { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' };

function read(AttachmentContent: unknown) {
  const data = { SiteId: 1, AttachmentName: 'a', AttachmentContent };
  const outcome = readEvent({ type: 'OfflineMessage.Submit', data }, fallback);
  if (!outcome.ok) return outcome.problems;
  return outcome.event.type === 'OfflineMessage.Submit' ? outcome.event.data.attachments[0]?.content : undefined;
}

it.each([
  ['base64', 'SGk='],
  ['numbers', [72, 105]],
  ["Node's Buffer in JSON", { type: 'Buffer', data: [72, 105] }],
  ['a list as .NET keeps references', { $id: '4', $values: [72, 105] }],
])('the bytes of a file are read from %s', (_, content) => {
  expect(read(content)).toBe('SGk=');
});

it('bytes with a sign, as Java has them, are the same bytes', () => {
  expect(read([-1, -128, 0, 127, 255])).toBe(Buffer.from([255, 128, 0, 127, 255]).toString('base64'));
});

it('a file of 300,000 numbers is read, though an event has fewer values', () => {
  const content = read(Array.from({ length: 300_000 }, (_, i) => i % 256));
  expect(Buffer.from(content as string, 'base64')).toHaveLength(300_000); // no list of problems: that would fail here
});

it.each([[[256]], [[-129]], [[1.5]], [['1']], [[null]], [{ type: 'Buffer' }], [true]])('%j are no bytes', (content) => {
  expect(read(content)).toEqual([
    { path: 'data.AttachmentContent', problem: 'expected bytes in base64 or as a list of numbers' },
  ]);
});

it('no bytes are none', () => {
  expect([[], '', null].map(read)).toEqual([null, null, null]);
});

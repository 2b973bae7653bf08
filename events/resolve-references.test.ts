import { readEvent } from './read-event';
import { resolveReferences } from './resolve-references';

const fallback = { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' };

it('reads a chat as System.Text.Json writes it with ReferenceHandler.Preserve', () => {
  const data = {
    $id: '1',
    ChatId: 'c-1',
    SiteId: 5,
    AgentIds: { $id: '2', $values: [12, 15] },
    CustomFields: { $id: '3', $values: [{ $id: '4', Id: 1, Name: 'Order', Value: 'A-1' }] },
    CustomVariable: { $id: '5', $values: [] },
    BotActions: { $id: '6', $values: [{ $id: '7', Guid: 'g' }, { $ref: '7' }] },
  };
  const plain = {
    ChatId: 'c-1',
    SiteId: 5,
    AgentIds: [12, 15],
    CustomFields: [{ Id: 1, Name: 'Order', Value: 'A-1' }],
    BotActions: [{ Guid: 'g' }, { Guid: 'g' }],
  };
  const expected = readEvent({ type: 'Chat.Ended', data: plain }, fallback);
  expect(expected.ok).toBe(true);
  expect(readEvent({ type: 'Chat.Ended', data }, fallback)).toEqual(expected);
  expect(readEvent({ type: 'Chat.Ended', data: JSON.stringify(data) }, fallback)).toEqual(expected);
});

it('reads lists and bytes that Newtonsoft writes with their types', () => {
  const data = {
    $type: 'Chat.OfflineMessage, Chat',
    SiteId: 5,
    Segments: { $type: 'System.Collections.Generic.List`1[[System.Int32]], mscorlib', $values: [7] },
    AttachmentName: 'a.txt',
    AttachmentContent: { $type: 'System.Byte[], mscorlib', $value: 'SGk=' },
  };
  expect(readEvent({ type: 'OfflineMessage.Submit', data }, fallback)).toMatchObject({
    event: { data: { visitor: { segmentIds: ['7'] }, attachments: [{ name: 'a.txt', content: 'SGk=', size: 2 }] } },
  });
});

it('puts null where an object is inside itself, and leaves what points nowhere', () => {
  const circle = {
    $id: '1',
    name: 'a',
    parent: { $ref: '1' },
    other: { $ref: '9' },
    later: { $ref: '2' },
    x: { $id: '2' },
  };
  expect(resolveReferences(circle)).toEqual({
    name: 'a',
    parent: null,
    other: { $ref: '9' },
    later: { $ref: '2' },
    x: {},
  });
});

it('refuses references that would grow beyond all bounds', () => {
  const levels = Array.from({ length: 40 }, (_, i) =>
    i === 0 ? { $id: '0', a: 1 } : { $id: `${i}`, a: { $ref: `${i - 1}` }, b: { $ref: `${i - 1}` } },
  );
  const outcome = readEvent({ type: 'Visit.Log', data: { SiteId: 5, Extra: { $values: levels } } }, fallback);
  expect(outcome).toMatchObject({ problems: [{ path: 'data', problem: 'has more than 200000 values' }] });
});

it('leaves data alone that have an $id of their own', () => {
  const data = { SiteId: 5, Schema: { $id: 'https://example.com/schema' } };
  expect(readEvent({ type: 'Visit.Log', data }, fallback)).toMatchObject({
    event: { data: { extra: { Schema: data.Schema } } },
  });
});

import Ajv2020 from 'ajv/dist/2020';
import { catalogue } from './catalogue';
import { chatEndedExample } from './chat-ended-example';
import type { EventDefinition } from './define-event';
import { wireJsonSchema } from './json-schema';
import { readEvent } from './read-event';

const fallback = { id: 'fallback', receivedAt: '2026-03-02T09:00:00.000Z' };
const definitions: EventDefinition[] = Object.values(catalogue);
// Keywords that only describe, such as contentEncoding, are unknown to it.
const satisfies = new Ajv2020({ strict: false }).compile(wireJsonSchema());

/** Whether the schema and the catalogue take the event. */
const verdicts = (event: { type: string; data: unknown }) => ({
  schema: satisfies(event),
  catalogue: readEvent(event, fallback).ok,
});
const both = (taken: boolean) => ({ schema: taken, catalogue: taken });

it.each(definitions.map(({ type, example }) => [type, example] as const))('takes the example of %s', (type, data) => {
  expect(verdicts({ type, data })).toEqual(both(true));
});

/** The data once for each value in them, with that one left out or replaced. */
function* changed(data: unknown, path = 'data'): Generator<[string, unknown]> {
  if (typeof data !== 'object' || data === null) return;
  const isList = Array.isArray(data);
  for (const [key, value] of Object.entries(data)) {
    const others = Object.entries(data).filter(([other]) => other !== key);
    const rest = (replaced: readonly [string, unknown][]) =>
      isList
        ? data.map((item: unknown, index) => (`${index}` === key ? replaced[0]![1] : item))
        : Object.fromEntries([...others, ...replaced]);
    if (!isList) yield [`${path} without ${key}`, rest([])];
    for (const other of [null, {}, []]) yield [`${path}.${key} = ${JSON.stringify(other)}`, rest([[key, other]])];
    for (const [where, inner] of changed(value, `${path}.${key}`)) yield [where, rest([[key, inner]])];
  }
}

it.each(definitions.map(({ type, example }) => [type, example] as const))(
  'takes and refuses a changed %s as the catalogue does',
  (type, example) => {
    const cases = [...changed(example)];
    expect(cases.length).toBeGreaterThan(5);
    const differing = cases.filter(([, data]) => {
      const { schema, catalogue } = verdicts({ type, data });
      return schema !== catalogue;
    });
    expect(differing.map(([where]) => where)).toEqual([]);
  },
);

const { Chat, Visitor } = chatEndedExample;

it.each([
  ['the fields of the chat directly in the data', { ...Chat, Visitor }, true],
  ['the visitor in the chat', { Chat: { ...Chat, Visitor } }, true],
  ['another spelling', { Chat: { ChatGuid: 'c', SiteId: '10001', StartTime: '2026-01-02T03:04:05' } }, true],
  ['neither spelling', { Chat: { SiteId: 10001 } }, false],
  ['a wrong field of the chat directly in the data', { ...Chat, Start: 5 }, false],
  ['a wrong visitor beside them', { ...Chat, Visitor: 5 }, false],
])('takes a Chat.Ended with %s: %j', (_, data, taken) => {
  expect(verdicts({ type: 'Chat.Ended', data })).toEqual(both(taken));
});

import { catalogue } from '../../events/catalogue';
import type { EventDefinition } from '../../events/define-event';
import { isNamed } from '../../events/kinds/field';
import type { Fields, Kind } from '../../events/kinds/kind';
import { relations } from '../../activities/consumers/relations';

const INTRODUCTION = `# Events

The events that a chat server publishes, by type. Each event is \`{ id, type, siteId, receivedAt, data }\`. Publishers send \`data\` in the
wire form, in the chat server's spelling; consumers get the internal form. The JSON Schemas are [events.wire.schema.json](events.wire.schema.json) of the wire form, and
[events.schema.json](events.schema.json) of the internal form.

- Wire names are read in any case. The first name in a table is the canonical one; the others are accepted too. If several names of a field
  have a value, the first wins and the other values are kept in \`extra\`.
- A field that is not in a table is kept in \`extra\`, at its own level.
- Required are the site, the chat of \`Chat.Ended\`, \`Visitor.Rating\`, \`Agent.Wrapup\` and \`CannedMessage.UseLog\`, and of \`Agent.Ban\`
  \`BanType\` and \`IpFromOrVisitorId\`, where 0 is a value. Every other field may be null or absent.
- **text**: as it was written; a text without a visible character is none. A text that was entered into a field, such as a name or an address,
  comes without blanks at its ends: white space, zero-width characters, direction marks, soft hyphens.
- **id**: text or a whole number of any length; text inside. 0, empty text and the empty GUID are none. A GUID may be in upper case, in
  braces, in parentheses, or without dashes; inside it is in lower case with dashes.
- **whole number**, **number**: numeric text is accepted; "NaN" and "Infinity" as text are none. A number that a double cannot hold, such as
  1e400, is refused, also in fields of any kind.
- **true or false**: also "true", "yes", "y", "on", "checked", 1 and their opposites, in any case. Any other value is refused.
- **time**: ISO 8601; without a zone it is UTC. \`2026-01-02T03:04:05.678Z\` inside; .NET's DateTime.MinValue and MaxValue are none, in any
  zone; \`/Date(...)/\` is accepted.
- **one of**: the number, or the name in any case; the name inside. A number or name that is not listed becomes \`unknown(...)\`.
- Money is decimal text inside.
- U+0000 and lone surrogates are replaced by U+FFFD.
- Bytes are base64, or a list of numbers (in JSON text at most 1.6 MB). A byte order mark before the JSON is skipped. The marks by which .NET keeps references and types
  (\`$id\`, \`$ref\`, \`$values\`, \`$type\` with \`$value\`) are replaced by the values that they stand for.
- An event has at most 20 MiB, 200,000 values and 64 levels. An event's key, \`{type}/{siteId}/{id}\`, has at most 255 bytes and is printable.
`;

/** Examples that are files, as a page with them would be too long. */
const FILES: Readonly<Record<string, string>> = { 'Chat.Ended': 'chat.json' };

/** docs/events.md, and a page for each event: its data queues, and the tables of its fields. */
export function eventsReference(): Map<string, string> {
  const definitions: EventDefinition[] = Object.values(catalogue);
  const index = [
    INTRODUCTION,
    '| event | meaning |',
    '| --- | --- |',
    ...definitions.map(({ type, about }) => row(`[\`${type}\`](events/${type}.md)`, about)),
  ].join('\n');
  return new Map([
    ['docs/events.md', index],
    ...definitions.map((definition) => [`docs/events/${definition.type}.md`, page(definition)] as const),
  ]);
}

function page(definition: EventDefinition): string {
  const { type, about, fields, example } = definition;
  const queues = relations.filter((relation) => relation.type === type);
  const file = FILES[type];
  return [
    `# ${type}`,
    '',
    `${about} ${definition.naturalId ? 'Its natural id is the id of the chat.' : 'It has no natural id: without an `id` each publish is a new event.'}`,
    'The kinds of fields are explained in [events](../events.md).',
    '',
    '| data queue | consumer |',
    '| --- | --- |',
    ...queues.map(({ dataQueue, consumer }) => row(`\`${dataQueue}\``, `[${consumer}](../consumers/${consumer}.md)`)),
    '',
    ...tables({ fields, internal: 'data', wire: 'data' }),
    ...(file === undefined
      ? ['Example, as sent:', '', '```json', JSON.stringify(example, null, 2), '```', '']
      : [`Example, as sent: [${file}](../examples/${file}).`, '']),
  ].join('\n');
}

/** An object that has fields: the data of an event, or one in them. */
interface Place {
  readonly fields: Fields;
  readonly internal: string;
  readonly wire: string;
}

function tables(place: Place): string[] {
  const { fields, internal, wire } = place;
  return [
    `\`${internal}\`${internal === wire ? '' : `, on the wire \`${wire}\``}:`,
    '',
    '| internal | on the wire | kind | meaning |',
    '| --- | --- | --- | --- |',
    ...rows(fields, ''),
    '',
    ...placesIn(place).flatMap(tables),
  ];
}

function rows(fields: Fields, block: string): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (!isNamed(field) && field.kind.label === 'block') return rows(field.kind.fields, `${block}${name}.`);
    const names = isNamed(field) ? field.names : wireNames(field.kind.fields);
    return row(`\`${block}${name}\``, names.map((wire) => `\`${wire}\``).join(', '), field.kind.label, field.meaning);
  });
}

function placesIn({ fields, internal, wire }: Place): Place[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    isNamed(field) ? placesOf(field.kind, `${internal}.${name}`, `${wire}.${field.names[0]}`) : [],
  );
}

function placesOf(kind: Kind, internal: string, wire: string): Place[] {
  if (kind.element) return placesOf(kind.element, `${internal}[]`, `${wire}[]`);
  return kind.fields ? [{ fields: kind.fields, internal, wire }] : [];
}

function wireNames(fields: Fields): string[] {
  return Object.values(fields).flatMap((field) => (isNamed(field) ? [field.names[0]] : wireNames(field.kind.fields)));
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

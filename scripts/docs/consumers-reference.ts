import { z } from 'zod';
import type { Consumer, Documented } from '../../activities/consumer';
import { createConsumers, policyOf } from '../../activities/consumers';
import { relations } from '../../activities/consumers/relations';
import { effects } from '../../db/effects';
import { variableOf } from '../../ops/read-input';
import { waitsOf } from './failures-reference';

const INTRODUCTION = `# Consumers

A consumer is the code for one kind of destination. \`npm run ops -- connections\` takes a connection's configuration as JSON
(\`--config FILE\`) or field by field (\`--set\`, which replaces fields of the file), and each secret from a prompt or from its
variable: [connecting an account](connections.md).

- An object or a list is written as JSON: \`--set 'from={"address":"a@example.com"}'\`, not \`from.address=\`. A text that looks like a
  number is written as JSON as well: \`--set 'apiVersion="62.0"'\`.
- With \`mend\`, \`--set\` replaces a whole field, with all that is in it, and keeps the other fields; \`--config\` replaces the whole
  configuration.

\`add\` and \`mend\` refuse a configuration that does not fit the fields, and name each mistake. A delivery whose connection has such a
configuration is parked as \`InvalidConfig\`. An error that a consumer does not name is \`Unexpected\`. [failures.md](failures.md) says
the fate of a delivery after each failure.
`;

/** docs/consumers.md, and a page for each consumer: its connection, its failures and how often it tries. */
export async function consumersReference(): Promise<Map<string, string>> {
  const consumers = Object.entries(await createConsumers({ effects }));
  const index = [
    INTRODUCTION,
    '| consumer | effect |',
    '| --- | --- |',
    ...consumers.map(([name, { about }]) => row(`[${name}](consumers/${name}.md)`, about.what.split('\n\n')[0] ?? '')),
  ].join('\n');
  return new Map([
    ['docs/consumers.md', index],
    ...consumers.map(([name, consumer]) => [`docs/consumers/${name}.md`, fromFolder(page(name, consumer))] as const),
  ]);
}

/** Links of a page in docs/, as a page in a folder of it has them. */
const fromFolder = (text: string): string => text.replaceAll(/\]\((?=[a-z-]+\.md)/g, '](../');

function page(name: string, consumer: Consumer & Documented): string {
  const { what, guide, idempotency, failures } = consumer.about;
  return [
    `# Consumer ${name}`,
    '',
    what,
    '',
    ...(guide === undefined ? [] : [`Step by step: ${guide}.`, '']),
    `- **Events**, unless subscriptions say otherwise: ${eventsOf(name)}.`,
    `- **Repeats**: ${idempotency}`,
    `- **Tries**: ${triesOf(name)}${consumer.kind === 'external' ? ` Each may take ${consumer.requestTimeoutMs / 1000} s.` : ''}`,
    '',
    ...connectionOf(consumer),
    '| answer | becomes |',
    '| --- | --- |',
    ...failures.map((failure) => row(...failure)),
    ...(consumer.kind === 'external'
      ? [row(`none within ${consumer.requestTimeoutMs / 1000} s`, '`Unavailable`')]
      : []),
    '',
  ].join('\n');
}

function eventsOf(name: string): string {
  const types = relations.filter(({ consumer }) => consumer === name).map(({ type }) => type);
  return types.length === 0 ? 'none' : types.map((type) => `\`${type}\``).join(', ');
}

function triesOf(name: string): string {
  const { delaysMs } = policyOf(name);
  const hours = delaysMs.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
  const total = hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
  return `${delaysMs.length + 1} in about ${total}; waits: ${waitsOf(name)}.`;
}

function connectionOf(consumer: Consumer): string[] {
  if (consumer.kind !== 'external' || consumer.connection === undefined) return ['It needs no connection.', ''];
  const { config, secrets } = consumer.connection;
  return [
    ...fieldTable(fieldRows(schemaOf(config), '')),
    '| secret | variable | default | meaning |',
    '| --- | --- | --- | --- |',
    ...fieldsOf(schemaOf(secrets)).map(({ name, field, initial }) =>
      row(`\`${name}\``, `\`${variableOf(name)}\``, initial, field.description ?? ''),
    ),
    '',
  ];
}

const fieldTable = (rows: readonly string[]): readonly string[] =>
  rows.length === 0 ? [] : ['| field | value | default | meaning |', '| --- | --- | --- | --- |', ...rows, ''];

/** The keywords that are read of a JSON Schema. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
}

/** As people write it, so that a value with a default is not required. */
const schemaOf = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema; // only keywords that are read

/** @returns each with its default, or "required" */
function fieldsOf({ properties = {}, required = [] }: Schema): { name: string; field: Schema; initial: string }[] {
  return Object.entries(properties).map(([name, field]) => {
    const initial = field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``;
    return { name, field, initial: required.includes(name) ? 'required' : initial };
  });
}

function fieldRows(schema: Schema, path: string): string[] {
  return fieldsOf(schema).flatMap(({ name, field, initial }) => {
    const place = /^\w+$/.test(name) ? `${path && `${path}.`}${name}` : `${path}["${name}"]`;
    return [row(`\`${place}\``, valueOf(field), initial, field.description ?? ''), ...fieldRows(field, place)];
  });
}

function valueOf(schema: Schema): string {
  const { type, format, enum: values, items, anyOf, additionalProperties: each, minimum, maximum } = schema;
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  if (anyOf !== undefined) return anyOf.map(shapeOf).join(' or ');
  if (items !== undefined) return `list of ${valueOf(items)}`;
  if (typeof each === 'object') return `object, each a ${valueOf(each)}`;
  if (type === 'integer' || type === 'number') return `number, ${minimum} to ${maximum}`;
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'object') return 'object';
  return format === 'uri' ? 'address' : 'text';
}

/** An object as people write it: `{ "from": text }`. */
function shapeOf({ properties = {} }: Schema): string {
  const fields = Object.entries(properties).map(([name, field]) => `"${name}": ${valueOf(field)}`);
  return `\`{ ${fields.join(', ')} }\``;
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

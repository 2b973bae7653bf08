import { z } from 'zod';
import type { Consumer, Documented } from '../../activities/consumer';
import { createConsumers } from '../../activities/consumers';
import { relations } from '../../events/relations';
import { variableOf } from '../../ops/read-input';
import { policyOf } from '../../workflows/delivery-policy';
import { waitsOf } from './failures-reference';

/** Set-up step by step. */
const GUIDES: Readonly<Record<string, string>> = {
  email: '[an SMTP account](smtp-accounts.md)',
  webhook: '[a webhook receiver](webhook-receivers.md)',
  salesforce: '[a Salesforce org](salesforce-accounts.md)',
  zendesk: '[a Zendesk account](zendesk-accounts.md)',
};

const INTRODUCTION = `# Consumers

Where deliveries go. Of a consumer with connections, \`npm run ops -- connections\` takes the configuration as JSON (\`--config FILE\`) or
its outermost fields one by one (\`--set\`, over the file), and each secret from a prompt or its variable: [operating](operating.md#connections).

- An object or a list is JSON: \`--set 'from={"address":"a@example.com"}'\`, not \`from.address=\`. So is a text that looks like a number:
  \`--set 'apiVersion="62.0"'\`.
- With \`mend\`, \`--set\` replaces that field whole, with all that is in it, and keeps the others; \`--config\` replaces the whole configuration.

What does not fit its fields is named and refused; a delivery that meets such a connection is parked as \`InvalidConfig\`. Anything else that
goes wrong is \`Unexpected\`. [failures.md](failures.md) says what becomes of a delivery by its failure.
`;

/** docs/consumers.md: every consumer, its connections, its failures and how often it tries. */
export function consumersReference(): string {
  const save = () => Promise.reject(new Error('Nothing is delivered here.'));
  const consumers = createConsumers({ saveEvents: save, saveTickets: save });
  return [INTRODUCTION, ...Object.entries(consumers).map(([name, consumer]) => section(name, consumer))].join('\n');
}

function section(name: string, consumer: Consumer & Documented): string {
  const { what, idempotency, failures } = consumer.about;
  const guide = GUIDES[name];
  return [
    `## ${name}`,
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
    '| field | value | default | meaning |',
    '| --- | --- | --- | --- |',
    ...fieldRows(schemaOf(config), ''),
    '',
    '| secret | variable | default | meaning |',
    '| --- | --- | --- | --- |',
    ...fieldsOf(schemaOf(secrets)).map(({ name, field, initial }) =>
      row(`\`${name}\``, `\`${variableOf(name)}\``, initial, field.description ?? ''),
    ),
    '',
  ];
}

/** What is read of a JSON Schema. */
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

/** As people write it, so that what has a default is not required. */
const schemaOf = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema; // what is read of it

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

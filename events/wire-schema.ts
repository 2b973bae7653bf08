import type { EventDefinition } from './define-event';
import { isNamed, namedFields } from './kinds/field';
import type { Fields, Kind, WireForm } from './kinds/kind';
import { FALSE, TRUE } from './kinds/numbers';

/** A JSON Schema, draft 2020-12. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

const WORDS = [...TRUE, ...FALSE].flatMap((word) => [
  ...new Set([word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()]),
]);

/** The schema of a sender's value, by the form that its kind names. */
export const wireForms = {
  Bytes: {
    description: 'In base64, or the bytes as numbers',
    anyOf: [
      { type: 'string', contentEncoding: 'base64' },
      { type: 'array', items: { type: 'integer', minimum: -128, maximum: 255 } },
    ],
  },
  Entry: { description: 'The entry in a field', type: ['string', 'number', 'boolean'] },
  Id: {
    description: 'Text, or a whole number of any size; 0, blank text and the empty GUID are none',
    type: ['string', 'integer'],
  },
  Numeric: { description: 'A number, or its text', type: ['number', 'string'] },
  Text: { type: 'string' },
  Time: {
    description: 'ISO 8601, UTC where no zone is given',
    type: 'string',
    examples: ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.678'],
  },
  Truth: {
    description: 'True or false, or a text that forms send for a check box; blank text is none',
    anyOf: [{ type: 'boolean' }, { enum: [0, 1, ...WORDS, ''] }],
  },
} as const satisfies Readonly<Record<Extract<WireForm, string>, Schema>>;

/** Makes the schemas of an event's data. `refer` is how a schema points to the one of a name. */
export class WireSchemas {
  /** By name: the data of each event under its type, the objects in them under their path. */
  readonly definitions: Record<string, Schema> = { ...wireForms };
  readonly #refer: (name: string) => Schema;

  constructor(refer: (name: string) => Schema) {
    this.#refer = refer;
  }

  /**
   * Adds the event, and returns the schema of its data: in the chat server's spelling, with the other accepted spellings beside it. Names are read in
   * any case and further keys are kept, which no schema can say.
   */
  add({ type, about, fields, arrange }: EventDefinition): Schema {
    const data = this.#refer(this.#define(type, fields, about));
    const whole = arrange && Object.values(fields).find((field) => isNamed(field) && field.kind.isRequired);
    if (whole === undefined || !isNamed(whole)) return data;
    const [name] = whole.names;
    const { [name]: _, ...parts } = this.#properties(fields, type);
    const flat = `${type}.Flat`;
    this.definitions[flat] = {
      description: `${about} The fields of \`${name}\` directly in the data, with the other parts among them.`,
      allOf: [this.#refer(`${type}.${name}`), { type: 'object', properties: parts }],
    };
    return { anyOf: [data, this.#refer(flat)] };
  }

  #define(name: string, fields: Fields, description: string): string {
    const required = namedFields(fields).filter(({ kind }) => kind.isRequired);
    const alone = required.filter(({ names }) => names.length === 1).map(({ names: [only] }) => only);
    const choices = required
      .filter(({ names }) => names.length > 1)
      .map(({ names, kind }) => ({
        anyOf: names.map((one) => ({ required: [one], properties: { [one]: this.#value(kind, `${name}.${one}`) } })),
      }));
    this.definitions[name] = {
      description,
      type: 'object',
      properties: this.#properties(fields, name),
      ...(alone.length > 0 && { required: alone }),
      ...(choices.length > 0 && { allOf: choices }),
    };
    return name;
  }

  #properties(fields: Fields, path: string): Record<string, Schema> {
    const properties: Record<string, Schema> = {};
    for (const { names, kind, meaning } of namedFields(fields)) {
      const [canonical, ...others] = names;
      const isOnlySpelling = kind.isRequired && others.length === 0;
      const value = this.#value(kind, `${path}.${canonical}`, meaning);
      const given = isOnlySpelling ? value : orNull(value);
      properties[canonical] = { description: described(kind, meaning), ...given };
      for (const other of others) properties[other] ??= { description: `As \`${canonical}\`.`, ...given };
    }
    return properties;
  }

  /** `path` names the objects in it. */
  #value(kind: Kind, path: string, meaning = ''): Schema {
    if (kind.element) {
      const element = this.#value(kind.element, path, meaning);
      const list = { type: 'array', items: orNull(element) };
      return kind.merge ? { anyOf: [list, element] } : list;
    }
    if (kind.fields) return this.#refer(path in this.definitions ? path : this.#define(path, kind.fields, meaning));
    if (kind.wire === undefined)
      throw new Error(`The kind "${kind.label}" does not name the form of a sender's value (wire).`);
    if (typeof kind.wire === 'string') return this.#refer(kind.wire);
    const { numbers, names } = kind.wire;
    return { anyOf: [{ enum: [...numbers, ...names] }, { type: 'integer' }, { type: 'string', pattern: '^-?\\d+$' }] };
  }
}

const NULL: Schema = { type: 'null' };

function orNull({ anyOf, ...rest }: Schema): Schema {
  return Array.isArray(anyOf) ? { ...rest, anyOf: [...(anyOf as Schema[]), NULL] } : { anyOf: [rest, NULL] };
}

function described(kind: Kind, meaning: string): string {
  const says = typeof kind.wire === 'object' || kind.label.includes('is none');
  return `${meaning}${says ? `: ${kind.label}` : ''}`;
}

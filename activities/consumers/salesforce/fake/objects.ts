import { objectNames, type FakeField, type FieldParts, type FieldType, type ObjectName } from './field';
import { standardFields } from './standard-fields';

export interface FakeObject<Name extends string = ObjectName> {
  readonly name: Name;
  readonly keyPrefix: string;
  readonly fields: readonly FakeField[];
  /** Salesforce does not tell cases apart in names. */
  field(name: string): FakeField | undefined;
}

export interface ObjectsOptions {
  /** Whether ChatPipelineKey__c is there. Default: on Contact, Lead and Case. false = nowhere. */
  readonly externalIdField?: boolean | Partial<Record<ObjectName, boolean>>;
  /** Further fields, and changes to the standard ones. */
  readonly fields?: Partial<Record<ObjectName, FieldParts>>;
}

export const KEY_FIELD = 'ChatPipelineKey__c';

const keyPrefixes: Record<ObjectName, string> = {
  Contact: '003',
  Lead: '00Q',
  Case: '500',
  Task: '00T',
  ContentVersion: '068',
};

/** First characters of the ids of the objects that a reference may point to. */
export const prefixOf: Readonly<Record<string, string>> = {
  ...keyPrefixes,
  User: '005',
  Group: '00G',
  Account: '001',
  RecordType: '012',
};

const lengths: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  string: 255,
  textarea: 255,
  email: 80,
  phone: 40,
  url: 255,
  picklist: 255,
  combobox: 255,
};

const keyField: Partial<FakeField> = { length: 100, externalId: true, unique: true };

export type Objects = Readonly<Record<ObjectName, FakeObject>>;

export function makeObjects({ externalIdField = true, fields = {} }: ObjectsOptions): Objects {
  const keyed: Partial<Record<ObjectName, boolean>> = { Contact: true, Lead: true, Case: true };
  if (externalIdField === false) Object.assign(keyed, { Contact: false, Lead: false, Case: false });
  if (typeof externalIdField === 'object') Object.assign(keyed, externalIdField);
  const made = objectNames.map((name) => [name, makeObject(name, keyed[name] === true, fields[name] ?? {})] as const);
  return Object.fromEntries(made) as Objects; // it has every name
}

/** An object that can only be read. */
export const makeSetupObject = (name: string, parts: FieldParts): FakeObject<string> => complete(name, '', parts);

function makeObject(name: ObjectName, isKeyed: boolean, further: FieldParts): FakeObject {
  const parts = new Map<string, Partial<FakeField> | null>(Object.entries(standardFields[name]));
  if (isKeyed) parts.set(KEY_FIELD, keyField);
  for (const [field, part] of Object.entries(further)) parts.set(field, part && { ...parts.get(field), ...part });
  return complete(name, keyPrefixes[name], Object.fromEntries(parts));
}

function complete<Name extends string>(name: Name, keyPrefix: string, parts: FieldParts): FakeObject<Name> {
  const fields = Object.entries(parts).flatMap(([field, part]) => (part === null ? [] : completeField(field, part)));
  const byName = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  return { name, keyPrefix, fields, field: (wanted) => byName.get(wanted.toLowerCase()) };
}

function completeField(name: string, part: Partial<FakeField>): FakeField {
  const { type = 'string' } = part;
  const length = part.length ?? lengths[type] ?? 0;
  // Long text areas and compound fields cannot be filtered.
  const isShort = !['address', 'base64'].includes(type) && !(type === 'textarea' && length > 255);
  return {
    name,
    label: name.replace(/__c$/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' '),
    type,
    length,
    nillable: type !== 'boolean',
    createable: true,
    updateable: true,
    defaultedOnCreate: type === 'boolean' || part.defaultValue !== undefined,
    defaultValue: type === 'boolean' ? false : null,
    externalId: false,
    unique: false,
    caseSensitive: false,
    filterable: isShort,
    custom: name.endsWith('__c'),
    restrictedPicklist: false,
    picklistValues: [],
    referenceTo: [],
    ...part,
  };
}

import { ApiError, notFound, refusal, type ErrorItem, type JsonObject } from './api-error';
import { dateTime, problemsOf, readValues, type Stored, type Value, type Values } from './check-values';
import { checkDuplicates, type DuplicateOptions } from './duplicates';
import { example, makeId, readId } from './ids';
import { objectNames, type ObjectName } from './field';
import type { FakeObject, Objects } from './objects';
import type { Org } from './org';
import { isVisible, ownerByRule } from './sharing';

/** Options in the headers of a request. */
export interface SaveOptions extends DuplicateOptions {
  /** `Sforce-Auto-Assign`, as it came. */
  readonly autoAssign: string | undefined;
}

export type Store = ReturnType<typeof createStore>;

/** Text as Salesforce compares it. */
export const fold = (value: Value | undefined): Value =>
  typeof value === 'string' ? value.toLowerCase() : (value ?? null);

/** The records of an organisation. Records are replaced, never changed, so that a copy of the map is a way back. */
export function createStore(objects: Objects, org: Org) {
  let records = new Map<string, Stored>();
  let lastNumber = 0;

  const live = (type: ObjectName): Stored[] =>
    [...records.values()].filter((one) => one.type === type && !one.isDeleted);

  /** Those that the user of the API sees. */
  const visible = (type: ObjectName): Stored[] => live(type).filter((one) => isVisible(one, org));

  const withValue = (type: ObjectName, field: string, value: Value): Stored[] =>
    live(type).filter(({ values }) => fold(values[field]) === fold(value));

  /** Saves without a question. */
  function save(type: ObjectName, id: string, values: Values): Stored {
    const known = Object.entries(derive(type, values)).filter(([, value]) => value !== null);
    const stored = { type, id, values: Object.fromEntries(known), isDeleted: false };
    records.set(id, stored);
    return stored;
  }

  function add(type: ObjectName, values: Values, OwnerId: string): Stored {
    lastNumber += 1;
    const id = makeId(objects[type].keyPrefix, lastNumber);
    const now = dateTime(org.clock());
    const system: Record<string, Value> = {
      OwnerId,
      CreatedDate: now,
      CreatedById: example.userId,
      LastModifiedDate: now,
      LastModifiedById: example.userId,
      SystemModstamp: now,
      CaseNumber: String(lastNumber).padStart(8, '0'),
    };
    const defaults = objects[type].fields.map(
      ({ name, defaultValue }) => [name, system[name] ?? defaultValue] as const,
    );
    const given = Object.entries(values).filter(([, value]) => value !== null);
    return save(type, id, { ...Object.fromEntries(defaults), ...Object.fromEntries(given), Id: id });
  }

  function problemOfReference(id: string): ErrorItem | undefined {
    const target = records.get(id);
    const isOther = Object.values(example).some((one) => one === id);
    if (target?.type === 'Lead' && target.values['IsConverted'] === true) {
      return { message: 'cannot reference converted lead', errorCode: 'CANNOT_UPDATE_CONVERTED_LEAD', fields: [] };
    }
    // Of a lead that was given away on insert: salesforce.stackexchange.com/questions/362225. Taken to be so for files, too.
    if (target?.isDeleted === false && !isVisible(target, org)) {
      const message = `insufficient access rights on cross-reference id: ${id.slice(0, 15)}`;
      return { message, errorCode: 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', fields: [] };
    }
    if (isOther || target?.isDeleted === false) return undefined;
    return { message: 'invalid cross reference id', errorCode: 'INVALID_CROSS_REFERENCE_KEY', fields: [] };
  }

  /** In Salesforce's order: the values, the records that they refer to, rules of validation, of duplicates, unique fields. */
  function check(object: FakeObject, given: Values, before: Stored | undefined, options: SaveOptions): Values {
    throwIfAny(problemsOf(object, given, before === undefined));
    const values: Record<string, Value> = { ...given };
    for (const { name } of object.fields.filter(({ type }) => type === 'reference')) {
      const id = values[name];
      if (typeof id === 'string') values[name] = readId(id) ?? id;
    }
    const references = object.fields.filter(
      ({ type, name }) => type === 'reference' && typeof values[name] === 'string',
    );
    throwIfAny(references.flatMap(({ name }) => problemOfReference(String(values[name])) ?? []));
    const saved = { ...before?.values, ...values };
    if (String(saved['WhoId']).startsWith('00Q') && (saved['WhatId'] ?? null) !== null) {
      const message = 'Related To ID: must be empty when Name ID refers to a lead';
      throw refusal(400, 'FIELD_INTEGRITY_EXCEPTION', message, ['WhatId']);
    }
    const invalid = org.validate(object.name, saved);
    if (invalid) throw new ApiError(400, [{ fields: [], ...invalid }]);
    if (before === undefined) checkDuplicates(org.duplicateRules, object.name, values, visible, options);
    checkUnique(object, values, before?.id);
    return values;
  }

  function checkUnique(object: FakeObject, values: Values, ownId: string | undefined): void {
    for (const { name, caseSensitive } of object.fields.filter(({ unique }) => unique)) {
      const value = values[name] ?? null;
      if (value === null) continue;
      const others = withValue(object.name, name, value).filter(({ id }) => id !== ownId);
      const clash = others.find((one) => !caseSensitive || one.values[name] === value);
      if (!clash) continue;
      const message = `duplicate value found: ${name} duplicates value on record with id: ${clash.id}`;
      throw refusal(400, 'DUPLICATE_VALUE', message, []);
    }
  }

  return {
    objects,
    live,
    visible,
    withValue,

    /** As an agent does, without any check. */
    add: (type: ObjectName, values: Values): Stored => add(type, values, example.agentId),

    create(type: ObjectName, body: JsonObject, options: SaveOptions): Stored {
      const values = check(objects[type], readValues(objects[type], body), undefined, options);
      const ownerId = ownerByRule(type, options.autoAssign, org);
      return add(type, { ...values, ...(ownerId !== undefined && { OwnerId: ownerId }) }, example.userId);
    },

    change(before: Stored, body: JsonObject, options: SaveOptions): Stored {
      const object = objects[before.type];
      const given = readValues(object, body);
      if (before.values['IsConverted'] === true) {
        throw refusal(400, 'CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead', []);
      }
      return this.overwrite(before, check(object, given, before, options));
    },

    /** Changes without a question, as an agent or an administrator does. */
    overwrite({ type, id, values }: Stored, changed: Values): Stored {
      const now = dateTime(org.clock());
      const modified = { LastModifiedDate: now, SystemModstamp: now };
      return save(type, id, { ...values, ...(values['LastModifiedDate'] && modified), ...changed });
    },

    /** Throws 404 where there is none, or none any more. */
    locate(type: ObjectName, text: string): Stored {
      const id = readId(text);
      if (id === undefined) {
        const message = `Provided external ID field does not exist or is not accessible: ${text}`;
        throw refusal(404, 'NOT_FOUND', message);
      }
      const stored = records.get(id);
      // A record that the user may not see looks as if it were not there: REST guide, "Status Codes and Error Responses", 404.
      if (stored?.type !== type || !isVisible(stored, org)) throw notFound();
      if (stored.isDeleted) throw refusal(404, 'ENTITY_IS_DELETED', 'entity is deleted', []);
      return stored;
    },

    byId: (id: string): Stored | undefined => records.get(readId(id) ?? id),

    remove: (stored: Stored): void => void records.set(stored.id, { ...stored, isDeleted: true }),

    /** Does all of the work or, where it throws, none. */
    undoIfThrows<T>(work: () => T): T {
      const before = new Map(records);
      try {
        return work();
      } catch (error) {
        records = before;
        throw error;
      }
    },
  };
}

function throwIfAny(problems: readonly ErrorItem[]): void {
  if (problems.length > 0) throw new ApiError(400, problems);
}

/** With the fields that Salesforce computes itself. */
function derive(type: ObjectName, values: Values): Values {
  const { Salutation, FirstName, LastName, Status } = values;
  if (type === 'Contact' || type === 'Lead') {
    return { ...values, Name: [Salutation, FirstName, LastName].filter(Boolean).join(' ') };
  }
  if (type === 'Case' || type === 'Task') {
    return { ...values, IsClosed: Status === (type === 'Case' ? 'Closed' : 'Completed') };
  }
  return { ...values, ContentSize: Buffer.from(String(values['VersionData'] ?? ''), 'base64').length };
}

export const objectNameOf = (name: string | undefined): ObjectName | undefined =>
  objectNames.find((one) => one.toLowerCase() === name?.toLowerCase());

import { catalogue, type EventType } from './catalogue';
import { comparedId, type EventId } from './compared-id';
import type { EventDefinition } from './define-event';
import { isNamed } from './kinds/field';
import type { Field, Fields, IdKind, Kind } from './kinds/kind';

/** The ids of an event by the tags of its fields, each once. @param data in internal form */
export function eventIds(type: EventType, data: unknown): EventId[] {
  const { fields }: EventDefinition = catalogue[type];
  const found = new Map<string, EventId>();
  walkFields(fields, data, (id, value) => {
    if (typeof value !== 'string' || value === '') return;
    const one = comparedId(id, value);
    found.set(`${one.kind} ${one.value}`, one);
  });
  return [...found.values()];
}

type Visit = (id: IdKind, value: unknown) => void;

function walkFields(fields: Fields, data: unknown, visit: Visit): void {
  if (typeof data !== 'object' || data === null) return;
  const values = data as Readonly<Record<string, unknown>>; // a kind with fields is an object
  for (const [name, field] of fieldsWithIds(fields)) {
    const value = values[name];
    if (value === null || value === undefined) continue;
    if (!isNamed(field)) walkFields(field.kind.fields, field.kind.takeApart(value), visit);
    else if (field.tags.id !== undefined) visit(field.tags.id, value);
    else walkKind(field.kind, value, visit);
  }
}

function walkKind({ element, fields }: Kind, value: unknown, visit: Visit): void {
  if (element !== undefined && Array.isArray(value)) for (const one of value) walkKind(element, one, visit);
  else if (fields !== undefined) walkFields(fields, value, visit);
}

type Entries = readonly (readonly [string, Field])[];

const known = new WeakMap<Fields, Entries>();

/** The fields that are ids or have some in them: an event has many more. */
function fieldsWithIds(fields: Fields): Entries {
  const before = known.get(fields);
  if (before !== undefined) return before;
  const found = Object.entries(fields).filter(([, field]) =>
    isNamed(field) ? field.tags.id !== undefined || hasIds(field.kind) : fieldsWithIds(field.kind.fields).length > 0,
  );
  known.set(fields, found);
  return found;
}

const hasIds = ({ element, fields }: Kind): boolean =>
  (element !== undefined && hasIds(element)) || (fields !== undefined && fieldsWithIds(fields).length > 0);

import { catalogue, type EventType } from './catalogue';
import type { EventDefinition } from './define-event';
import { isNamed } from './kinds/field';
import type { Field, Fields, IdKind, Kind, Tags } from './kinds/kind';
import { canonicalId } from './kinds/texts';

/** An id that an event has, in the form in which it is compared. */
export interface EventId {
  readonly kind: IdKind;
  readonly value: string;
}

/** In the order in which commands name them. */
export const ID_KINDS = ['chat', 'session', 'ticket', 'visitor', 'email'] as const satisfies readonly IdKind[];

/** A value, as ids of its kind are compared. */
export function comparedId(kind: IdKind, text: string): EventId {
  return { kind, value: kind === 'email' ? text.trim().toLowerCase() : canonicalId(text) };
}

/** The ids of an event by the tags of its fields, each once. @param data in internal form */
export function eventIds(type: EventType, data: unknown): EventId[] {
  const found = new Map<string, EventId>();
  visitTagged(type, data, ({ id }, value) => {
    if (id === undefined || typeof value !== 'string' || value === '') return;
    const one = comparedId(id, value);
    found.set(`${one.kind} ${one.value}`, one);
  });
  return [...found.values()];
}

type Visit = (tags: Tags, value: unknown) => void;

/** Calls `visit` with the value of each field that has a tag. @param data in internal form */
export function visitTagged(type: EventType, data: unknown, visit: Visit): void {
  const { fields }: EventDefinition = catalogue[type];
  walkFields(fields, data, visit);
}

function walkFields(fields: Fields, data: unknown, visit: Visit): void {
  if (typeof data !== 'object' || data === null) return;
  const values = data as Readonly<Record<string, unknown>>; // a kind with fields is an object
  for (const [name, field] of taggedIn(fields)) {
    const value = values[name];
    if (value === null || value === undefined) continue;
    if (!isNamed(field)) walkFields(field.kind.fields, field.kind.takeApart(value), visit);
    else if (isTagged(field.tags)) visit(field.tags, value);
    else walkKind(field.kind, value, visit);
  }
}

function walkKind({ element, fields }: Kind, value: unknown, visit: Visit): void {
  if (element !== undefined && Array.isArray(value)) for (const one of value) walkKind(element, one, visit);
  else if (fields !== undefined) walkFields(fields, value, visit);
}

const isTagged = ({ id, personal }: Tags): boolean => id !== undefined || personal === true;

type Entries = readonly (readonly [string, Field])[];

const known = new WeakMap<Fields, Entries>();

/** The fields with a tag, or with one in them: an event has many more. */
function taggedIn(fields: Fields): Entries {
  const before = known.get(fields);
  if (before !== undefined) return before;
  const found = findTagged(fields);
  known.set(fields, found);
  return found;
}

const findTagged = (fields: Fields): Entries =>
  Object.entries(fields).filter(([, field]) =>
    isNamed(field) ? isTagged(field.tags) || hasTagged(field.kind) : taggedIn(field.kind.fields).length > 0,
  );

const hasTagged = ({ element, fields }: Kind): boolean =>
  (element !== undefined && hasTagged(element)) || (fields !== undefined && taggedIn(fields).length > 0);

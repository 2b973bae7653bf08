import { catalogue, type ChatEvent } from './catalogue';
import type { EventDefinition } from './define-event';
import { isNamed } from './kinds/field';
import { canonicalGuid } from './kinds/guid';
import type { Block, Fields, Kind } from './kinds/kind';

/** A stored event with its GUIDs in the form of ids that are read now: an earlier release recorded GUIDs as they came. */
export function inOneGuidForm(event: ChatEvent): ChatEvent {
  const { kind }: EventDefinition = catalogue[event.type];
  const data = renew(kind, event.data);
  // Ids are text in either form, so the data still are those of the type.
  return data === event.data ? event : ({ ...event, data } as ChatEvent);
}

/** @returns the value itself where it does not change */
function renew(kind: Kind, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (kind.isId === true) return typeof value === 'string' ? (canonicalGuid(value) ?? value) : value;
  const { element, fields } = kind;
  if (element !== undefined && Array.isArray(value)) {
    const renewed = value.map((one) => renew(element, one));
    return renewed.some((one, i) => one !== value[i]) ? renewed : value;
  }
  // A kind with fields is an object.
  return fields === undefined ? value : renewFields(fields, value as Readonly<Record<string, unknown>>);
}

function renewFields(fields: Fields, value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const changed = Object.entries(fields).flatMap(([name, field]) => {
    const before = value[name];
    const after = isNamed(field) ? renew(field.kind, before) : renewBlock(field.kind, before);
    return after === before ? [] : [[name, after] as const];
  });
  return changed.length === 0 ? value : { ...value, ...Object.fromEntries(changed) };
}

function renewBlock(block: Block, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  const parts = block.takeApart(value);
  const renewed = renewFields(block.fields, parts);
  return renewed === parts ? value : block.assemble(renewed, () => {});
}

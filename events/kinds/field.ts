import type { Block, BlockField, Field, Fields, IdKind, Kind, NamedField, Tags } from './kind';

export function field<K extends Kind>(
  names: string | readonly [string, ...string[]],
  kind: K,
  meaning: string,
  tags: Tags = {},
): NamedField<K> {
  return { names: typeof names === 'string' ? [names] : names, kind, meaning, tags };
}

/** Tag of a field that may tell about a person. */
export const PERSONAL: Tags = { personal: true };

/** Tag of a field by whose value the event is found. */
export const idOf = (id: IdKind): Tags => ({ id });

/** An e-mail address is both. */
export const EMAIL: Tags = { id: 'email', personal: true };

export function inline<B extends Block>(kind: B, meaning: string): BlockField<B> {
  return { kind, meaning };
}

export function isNamed(field: Field): field is NamedField {
  return 'names' in field;
}

/** The fields of an object as they stand on the wire: those of blocks among the others. */
export function namedFields(fields: Fields): NamedField[] {
  return Object.values(fields).flatMap((field) => (isNamed(field) ? field : namedFields(field.kind.fields)));
}

import type { Block, BlockField, Field, Kind, NamedField } from './kind';

export function field<K extends Kind>(
  names: string | readonly [string, ...string[]],
  kind: K,
  meaning: string,
): NamedField<K> {
  return { names: typeof names === 'string' ? [names] : names, kind, meaning };
}

export function inline<B extends Block>(kind: B, meaning: string): BlockField<B> {
  return { kind, meaning };
}

export function isNamed(field: Field): field is NamedField {
  return 'names' in field;
}

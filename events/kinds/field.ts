import type { z } from 'zod';
import type { Kind } from './kind';

/** A line of an event's table: internal name (its key) <- wire names, kind, meaning. */
export interface NamedField<K extends Kind = Kind> {
  /** The seed's spelling first, then what else is accepted. Case never matters. */
  readonly names: readonly [string, ...string[]];
  readonly kind: K;
  readonly meaning: string;
}

/** Fields that stand among their parent's on the wire and in a block of their own inside, e.g. `contact`. */
export interface Block<S extends z.ZodType = z.ZodType> {
  readonly label: string;
  readonly schema: S;
  readonly fields: Fields;
  /** From what the fields read to the internal value, and back. `refuse` takes the wire name. */
  assemble(parts: Readonly<Record<string, unknown>>, refuse: (name: string, problem: string) => void): z.output<S>;
  takeApart(value: z.output<S>): Readonly<Record<string, unknown>>;
}

export interface BlockField<B extends Block = Block> {
  readonly kind: B;
  readonly meaning: string;
}

export type Field = NamedField | BlockField;
export type Fields = Readonly<Record<string, Field>>;

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

import type { z } from 'zod';
import type { Reading } from './reading';

/** The forms in which a sender gives a value. A choice has numbers and names. */
export type WireForm = 'Bytes' | 'Entry' | 'Id' | 'Numeric' | 'Text' | 'Time' | 'Truth' | WireChoice;

export interface WireChoice {
  readonly numbers: readonly number[];
  readonly names: readonly string[];
}

/**
 * A kind of value: how it looks inside (`schema`), and how it is read from the wire. A value that `read` or `absent` returns without
 * a problem satisfies `schema`.
 */
export interface Kind<S extends z.ZodType = z.ZodType> {
  /** For the reference, e.g. `whole number`. */
  readonly label: string;
  /** The form of a sender's value, for the declarations of `publish` and the JSON Schema. Objects have fields and lists an element instead. */
  readonly wire?: WireForm;
  readonly schema: S;
  /** The table of an object. */
  readonly fields?: Fields;
  /** None is a problem. */
  readonly isRequired?: true;
  /** It is an id: a GUID has one form. */
  readonly isId?: true;
  /** The kind of a list's elements. */
  readonly element?: Kind;
  /** Reads a value that is neither null nor undefined; null when it says none. `path` is where it stands, for problems. */
  read(value: unknown, reading: Reading, path: string): z.output<S> | null;
  /** The value where the wire has none. */
  absent(reading: Reading, path: string): z.output<S>;
  /** Present where several spellings of one field are joined instead of the best one winning. */
  merge?(values: readonly (z.output<S> | null)[]): z.output<S>;
}

/** A line of an event's table: internal name (its key) <- wire names, kind, meaning. */
export interface NamedField<K extends Kind = Kind> {
  /** The seed's spelling first, then other accepted ones. Case never matters. */
  readonly names: readonly [string, ...string[]];
  readonly kind: K;
  readonly meaning: string;
  readonly tags: Tags;
}

/** The ids by which a person looks for an event. An address is one, too. */
export type IdKind = 'chat' | 'session' | 'ticket' | 'visitor' | 'email';

export interface Tags {
  /** The event is found by the value. */
  readonly id?: IdKind;
  /** True = it may tell about a person, so that logs, failures, details, search attributes and metrics never have it. */
  readonly personal?: true;
}

/** Fields that stand among their parent's on the wire and in a block of their own inside, e.g. `contact`. */
export interface Block<S extends z.ZodType = z.ZodType> {
  readonly label: string;
  readonly schema: S;
  readonly fields: Fields;
  /** From the values of the fields to the internal value, and back. `refuse` takes the wire name. */
  assemble(parts: Readonly<Record<string, unknown>>, refuse: (name: string, problem: string) => void): z.output<S>;
  takeApart(value: z.output<S>): Readonly<Record<string, unknown>>;
}

export interface BlockField<B extends Block = Block> {
  readonly kind: B;
  readonly meaning: string;
}

export type Field = NamedField | BlockField;
export type Fields = Readonly<Record<string, Field>>;

/** Kinds whose "none" is null. */
export type Nullable<S extends z.ZodType> = Kind<z.ZodNullable<S>>;

/**
 * A kind that is null where the wire has none.
 * `read` returns undefined for a value that it cannot read; the problem is then `expected`.
 */
export function nullable<S extends z.ZodType>(kind: {
  label: string;
  wire: WireForm;
  schema: S;
  expected: string;
  isId?: true;
  read(value: unknown, reading: Reading): z.output<S> | null | undefined;
}): Nullable<S> {
  return {
    label: kind.label,
    wire: kind.wire,
    schema: kind.schema.nullable(),
    ...(kind.isId && { isId: kind.isId }),
    read(value, reading, path) {
      const result = kind.read(value, reading);
      return result === undefined ? reading.refuse(path, kind.expected) : result;
    },
    absent: () => null,
  };
}

/** The same kind where none is a problem. */
export function required<S extends z.ZodType>(kind: Nullable<S>): Kind<S> {
  return {
    label: `${kind.label}, required`,
    isRequired: true,
    ...(kind.wire !== undefined && { wire: kind.wire }),
    schema: kind.schema.unwrap(),
    ...(kind.isId && { isId: kind.isId }),
    ...(kind.fields && { fields: kind.fields }),
    read: (value, reading, path) => kind.read(value, reading, path),
    absent(reading, path) {
      reading.refuse(path, 'is required');
      // The event is refused, so this value is not used.
      return null as z.output<S>;
    },
  };
}

import type { z } from 'zod';
import type { Fields, Nullable } from './kinds/kind';
import { object, type ObjectKind } from './kinds/object';
import type { WireData } from './wire-data';

type Data<F extends Fields> = NonNullable<z.output<ObjectKind<F>['schema']>>;

interface Declaration<T extends string, F extends Fields> {
  /** The seed's name. */
  readonly type: T;
  /** The occurrence, for the reference. */
  readonly about: string;
  /** The table of the data: internal names, wire names, kinds. Everything else is derived from it. */
  readonly fields: F;
  /** A valid event's data in wire form. Its type comes with `npm run docs`. */
  readonly example: T extends keyof WireData ? WireData[T] : Readonly<Record<string, unknown>>;
  /** Rearranges other accepted forms of the wire data into the one that `fields` describes. */
  readonly arrange?: (data: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** The id that the data give the event, where they have one. */
  readonly naturalId?: (data: Data<F>) => string;
  /** By consumer, when it has nothing to do, judged by the event alone. */
  readonly withheld?: Readonly<Record<string, (data: Data<F>) => boolean>>;
  /** False: it has no tables of its own, so persistence gets no delivery of it. Default true. */
  readonly stored?: boolean;
  /** False: it has a workflow to itself, a line of its own in the Web UI, unless it would wait long for its start. Default true: it may share one with others. */
  readonly batched?: boolean;
}

/** One event of the catalogue. */
export function defineEvent<const T extends string, const F extends Fields>(declaration: Declaration<T, F>) {
  const kind = object(declaration.fields);
  return { ...declaration, kind, data: kind.schema.unwrap() };
}

/** By method syntax, as each takes the data of its own type. */
type Judge = { of(data: unknown): boolean }['of'];

/** An event of the catalogue, as code that serves every type sees it. */
export interface EventDefinition {
  readonly type: string;
  readonly about: string;
  readonly fields: Fields;
  readonly kind: Nullable<z.ZodType>;
  /** The internal form of the data. */
  readonly data: z.ZodType;
  readonly example: Readonly<Record<string, unknown>>;
  readonly arrange?: (data: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  // Method syntax: each takes the data of its own type.
  naturalId?(data: unknown): string;
  readonly withheld?: Readonly<Record<string, Judge>>;
  readonly stored?: boolean;
  readonly batched?: boolean;
}

import { z } from 'zod';
import { isUnheld } from '../../protocol/read-json';
import { isNamed } from './field';
import { isObject, type Json, toJson } from './json';
import type { Block, Fields, NamedField, Nullable } from './kind';
import type { Reading } from './reading';

type Shape<F extends Fields> = { -readonly [K in keyof F]: F[K]['kind']['schema'] };
type Extra = z.ZodExactOptional<z.ZodRecord<z.ZodString, z.ZodJSONSchema>>;
type ObjectSchema<F extends Fields> = z.ZodObject<Shape<F> & { extra: Extra }, z.core.$strict>;

export interface ObjectKind<F extends Fields = Fields> extends Nullable<ObjectSchema<F>> {
  readonly fields: F;
}

const json = z.json().meta({ id: 'Json', description: 'Any JSON' });

/** An object by its table of fields. Keys that the table does not know are kept in `extra`, present only if there are any. */
export function object<const F extends Fields>(fields: F): ObjectKind<F> {
  const plan = planOf(fields);
  const shape = {
    ...shapeOf(fields),
    extra: z.exactOptional(z.record(z.string(), json)).describe('The values of other fields, as the sender wrote them'),
  };
  const schema = z.strictObject(shape) as unknown as ObjectSchema<F>;
  return {
    label: 'object',
    fields,
    schema: schema.nullable(),
    read(value, reading, path) {
      if (!isObject(value) || isUnheld(value)) return reading.refuse(path, 'expected an object');
      const { found, extra } = collect(plan, value, reading, path);
      const result = build(plan.steps, found, extra, reading, path);
      if (extra.size > 0) result['extra'] = Object.fromEntries(extra);
      // The steps were made from the same fields as the schema; a property test checks each reading against it.
      return result as z.output<ObjectSchema<F>>;
    },
    absent: () => null,
  };
}

/** Fields that stand among the parent's on the wire and in a block of their own inside. */
export function block<const F extends Fields>(fields: F): Block<z.ZodObject<Shape<F>, z.core.$strict>> {
  const schema = z.strictObject(shapeOf(fields)) as unknown as z.ZodObject<Shape<F>, z.core.$strict>;
  return {
    label: 'block',
    schema,
    fields,
    assemble: (parts) => parts as z.output<typeof schema>,
    takeApart: (value) => value,
  };
}

function shapeOf(fields: Fields): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { kind, meaning }]) => [name, kind.schema.describe(meaning)]),
  );
}

// Reading: the table is turned once into a plan, so that an object costs one look-up per key.

interface Plan {
  readonly exact: ReadonlyMap<string, readonly Place[]>;
  readonly anyCase: ReadonlyMap<string, readonly Place[]>;
  readonly steps: readonly Step[];
}
/** Where a wire key belongs: which slot, and how good its spelling is (0 is best). */
interface Place {
  readonly slot: number;
  readonly rank: number;
}
type Step =
  | { readonly name: string; readonly slot: number; readonly field: NamedField }
  | { readonly name: string; readonly block: Block; readonly steps: readonly Step[] };

interface Candidate {
  readonly key: string;
  readonly rank: number;
  readonly value: unknown;
  /** True where another field also takes this key, so that losing here loses nothing. */
  readonly shared: boolean;
}

function planOf(fields: Fields): Plan {
  const exact = new Map<string, Place[]>();
  const anyCase = new Map<string, Place[]>();
  const add = (places: Map<string, Place[]>, key: string, place: Place) => {
    const there = places.get(key) ?? [];
    if (!there.some(({ slot }) => slot === place.slot)) places.set(key, [...there, place]);
  };
  let slots = 0;
  const stepsOf = (these: Fields): Step[] =>
    Object.entries(these).map(([name, field]) => {
      if (!isNamed(field)) return { name, block: field.kind, steps: stepsOf(field.kind.fields) };
      const slot = slots++;
      field.names.forEach((wire, index) => {
        add(exact, wire, { slot, rank: 2 * index });
        add(anyCase, wire.toLowerCase(), { slot, rank: 2 * index + 1 });
      });
      return { name, slot, field };
    });
  const steps = stepsOf(fields);
  return { exact, anyCase, steps };
}

function collect(plan: Plan, value: Readonly<Record<string, unknown>>, reading: Reading, path: string) {
  const found: (Candidate[] | undefined)[] = [];
  const extra = new Map<string, Json>();
  for (const key of Object.keys(value)) {
    const item = value[key];
    const places = plan.exact.get(key) ?? plan.anyCase.get(key.toLowerCase());
    if (places === undefined) {
      if (item === undefined || key === '__proto__') continue;
      const name = reading.clean(key);
      reading.noteUnknown(path, name);
      extra.set(name, toJson(item, reading, `${path}.${key}`));
      continue;
    }
    if (item === null || item === undefined) continue;
    for (const { slot, rank } of places) {
      const candidate = { key, rank, value: item, shared: places.length > 1 };
      const others = found[slot];
      if (!others) found[slot] = [candidate];
      else others.push(candidate);
    }
  }
  return { found, extra };
}

function build(
  steps: readonly Step[],
  found: readonly (Candidate[] | undefined)[],
  extra: Map<string, Json>,
  reading: Reading,
  path: string,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const step of steps) {
    if ('block' in step) {
      const parts = build(step.steps, found, extra, reading, path);
      result[step.name] = step.block.assemble(parts, (wire, problem) => reading.refuse(`${path}.${wire}`, problem));
    } else {
      result[step.name] = readSlot(step.field, found[step.slot], extra, reading, path);
    }
  }
  return result;
}

/** The best spelling that has a value wins; the values of other spellings are kept in `extra`. */
function readSlot(
  { kind, names }: NamedField,
  candidates: Candidate[] | undefined,
  extra: Map<string, Json>,
  reading: Reading,
  path: string,
): unknown {
  const before = reading.problems.length;
  if (candidates && candidates.length > 1) {
    candidates.sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
    if (kind.merge) return kind.merge(candidates.map(({ key, value }) => kind.read(value, reading, `${path}.${key}`)));
  }
  let result: unknown = null;
  for (const { key, value, shared } of candidates ?? []) {
    if (isNone(result)) result = kind.read(value, reading, `${path}.${key}`);
    else if (!shared) {
      reading.conflicts++;
      extra.set(reading.clean(key), toJson(value, reading, `${path}.${key}`));
    }
  }
  if (isNone(result) && reading.problems.length === before) return kind.absent(reading, `${path}.${names[0]}`);
  return result;
}

function isNone(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

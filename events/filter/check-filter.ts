import type { EventDefinition } from '../define-event';
import { isNamed } from '../kinds/field';
import { canonicalGuid } from '../kinds/guid';
import type { Field, Fields, Kind } from '../kinds/kind';
import { readTime } from '../kinds/read-time';
import type { Problem } from '../kinds/reading';
import { comparisons, DEEPEST, isObject } from './matches';
import { nearNames } from './near-names';

/** Most bytes of a filter's JSON. */
const MAX_BYTES = 10_000;

const OF_TEXTS = ['$startsWith', '$endsWith'];
/** Operators that are false for every value of a field, by its form on the wire. */
const NEVER_TRUE: Readonly<Record<string, readonly string[]>> = {
  Numeric: OF_TEXTS,
  Truth: [...OF_TEXTS, '$gt', '$gte', '$lt', '$lte'],
};

export interface CheckedFilter {
  /** By the path of the condition; none: it can be stored. */
  readonly problems: readonly Problem[];
  /** The filter with its times as the events have them. */
  readonly filter: unknown;
}

/** The place of a condition: the value that it is about. */
interface Place {
  readonly path: string;
  readonly depth: number;
  /** The field's kind; undefined: the event's data. */
  readonly kind?: Kind | undefined;
  /** Of an object, or of the objects of a list; undefined: it has none. */
  readonly fields?: Fields | undefined;
  /** In `extra` any field may be. */
  readonly isOpen?: boolean | undefined;
}

/** Checks a filter before it is stored: operators, fields of the event, and values that the fields can have. */
export function checkFilter(event: EventDefinition, filter: unknown): CheckedFilter {
  const problems: Problem[] = [];
  const refuse = (path: string, problem: string): void => void problems.push({ path: path || 'filter', problem });
  if (!isObject(filter)) refuse('', 'expected a JSON object, such as {"ratingGrade":{"$lte":2}}');
  else if (Buffer.byteLength(JSON.stringify(filter)) > MAX_BYTES) refuse('', `expected ${MAX_BYTES} bytes at most`);
  if (problems.length > 0) return { problems, filter };
  const checked = new Checker(event, refuse).check(filter, { path: '', depth: 0, fields: event.fields });
  return { problems, filter: checked };
}

class Checker {
  readonly #event: EventDefinition;
  readonly #refuse: (path: string, problem: string) => void;

  constructor(event: EventDefinition, refuse: (path: string, problem: string) => void) {
    this.#event = event;
    this.#refuse = refuse;
  }

  check(condition: unknown, place: Place): unknown {
    const { path, depth } = place;
    if (depth > DEEPEST) return this.#refuse(path, `expected conditions at most ${DEEPEST} deep`);
    if (!isObject(condition)) return this.#operand('$eq', condition, place);
    const entries = Object.entries(condition);
    if (entries.length === 0) this.#refuse(path, 'expected a condition');
    return Object.fromEntries(
      entries.map(([name, operand]) => [
        name,
        name.startsWith('$') ? this.#operator(name, operand, place) : this.#field(name, operand, place),
      ]),
    );
  }

  #field(name: string, condition: unknown, place: Place): unknown {
    const path = place.path === '' ? name : `${place.path}.${name}`;
    const depth = place.depth + 1;
    if (place.isOpen || (name === 'extra' && place.fields)) return this.check(condition, { path, depth, isOpen: true });
    const field = place.fields && Object.hasOwn(place.fields, name) ? place.fields[name] : undefined;
    if (field !== undefined) return this.check(condition, { path, depth, ...insideOf(field) });
    const near = nearNames(path, place.path, this.#event.fields);
    const hint = near.length === 0 ? '' : `; near it: ${near.join(', ')}`;
    this.#refuse(path, `${this.#event.type} has no such field${hint}`);
    return condition;
  }

  #operator(name: string, operand: unknown, place: Place): unknown {
    const { path, depth } = place;
    const at = path === '' ? name : `${path}.${name}`;
    const deeper = { ...place, depth: depth + 1 };
    if (name === '$not') return this.check(operand, deeper);
    if (name === '$and' || name === '$or') {
      if (Array.isArray(operand) && operand.length > 0) return operand.map((one) => this.check(one, deeper));
      this.#refuse(at, 'expected a list of conditions');
    } else if (name === '$exist') {
      if (path === '') this.#refuse(at, 'expected in the condition of a field');
      else if (typeof operand !== 'boolean') this.#refuse(at, 'expected true or false');
    } else if (comparisons.includes(name)) {
      return this.#operand(name, operand, place);
    } else {
      const known = [...comparisons, '$exist', '$and', '$or', '$not'].join(', ');
      this.#refuse(at, `there is no such operator; there is ${known}`);
    }
    return operand;
  }

  #operand(name: string, operand: unknown, place: Place): unknown {
    const { path, kind } = place;
    const at = name === '$eq' ? path : `${path}.${name}`;
    if (path === '' || (place.fields !== undefined && !place.isOpen)) {
      this.#refuse(at, 'expected fields with conditions');
      return operand;
    }
    if (name === '$in' || name === '$nin') {
      if (Array.isArray(operand) && operand.length > 0) return operand.map((one) => this.#value(one, at, kind));
      this.#refuse(at, 'expected a list of values');
      return operand;
    }
    if (typeof kind?.wire === 'string' && NEVER_TRUE[kind.wire]?.includes(name)) {
      this.#refuse(at, `expected another operator: this one is true of no ${kind.label}`);
      return operand;
    }
    if (name !== '$startsWith' && name !== '$endsWith') return this.#value(operand, at, kind);
    if (typeof operand !== 'string' || operand === '') this.#refuse(at, 'expected a text');
    return operand;
  }

  /** A value that the field can have; a time in the form that it has in events. */
  #value(value: unknown, path: string, kind: Kind | undefined): unknown {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      this.#refuse(path, value === null ? 'expected a value; {"$exist":false} finds none' : 'expected a value');
      return value;
    }
    if (kind === undefined) return value;
    const given = asInEvents(value, kind);
    if (!kind.schema.safeParse(given).success)
      this.#refuse(path, `expected a value as the field has it: ${kind.label}`);
    return given;
  }
}

/** A time in UTC, and a GUID in its one form. */
function asInEvents(value: unknown, { wire, isId }: Kind): unknown {
  if (wire === 'Time') return readTime(value) ?? value;
  return isId && typeof value === 'string' ? (canonicalGuid(value) ?? value) : value;
}

/** The values that a condition on a field is about: of a list, its elements. */
function insideOf(field: Field): Pick<Place, 'kind' | 'fields'> {
  if (!isNamed(field)) return { fields: field.kind.fields };
  const kind = field.kind.element ?? field.kind;
  return { kind, fields: kind.fields };
}

import type { z } from 'zod';
import { isUnheld } from '../../protocol/read-json';
import type { Reading } from './reading';

export type Json = z.core.util.JSONType;

/** True for an object of JSON. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/**
 * Values that the catalogue does not know, kept as plain JSON: big integers as decimal text, text storable, no `__proto__`.
 * A number that no double can hold is refused: null would be something else. Only called on values within `checkBounds`, so recursion is
 * shallow.
 */
export function toJson(value: unknown, reading: Reading, path: string): Json {
  if (isUnheld(value)) return reading.refuse(path, 'expected a number that a double can hold');
  if (typeof value === 'string') return reading.clean(value);
  if (typeof value === 'number') return value + 0;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return Array.from(value, (item, index) => toJson(item, reading, `${path}[${index}]`));
  if (!isObject(value)) return null;
  const result: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || value[key] === undefined) continue;
    result[reading.clean(key)] = toJson(value[key], reading, `${path}.${key}`);
  }
  return result;
}

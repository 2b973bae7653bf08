import { cutText } from '../../../events/cut-text';
import type { Json } from '../../../events/kinds/json';

/** A field or an entry of up to so many bytes is never cut because of others; if all are too much, the last ones are left out. */
const WHOLE = { field: 1_000, entry: 10_000 };

interface Shortened {
  readonly value: Json;
  /** Paths of the values that were cut, up to a list or to `extra`: only names of the catalogue. */
  readonly cut: readonly string[];
}

/**
 * Cuts the largest parts first, down to the size of the next ones, until the value has `most` bytes as JSON: the end of a text, the
 * last entries of a list. The same value is cut the same way each time, in time linear to its size.
 */
export function shorten(whole: Json, most: number): Shortened {
  const sizes = new Map<object, number>();
  const cut = new Set<string>();

  function sizeOf(value: Json): number {
    if (typeof value !== 'object' || value === null) return Buffer.byteLength(JSON.stringify(value));
    const known = sizes.get(value);
    if (known !== undefined) return known;
    const size = partsOf(value).reduce((sum, part) => sum + part.around + sizeOf(part.value), 1);
    sizes.set(value, Math.max(size, 2));
    return Math.max(size, 2);
  }

  function fit(value: Json, room: number, path: string, isNamed: boolean): Json {
    if (sizeOf(value) <= room) return value;
    if (typeof value === 'string') {
      cut.add(path);
      return cutText(value, Math.max(room - 2, 0), 'bytes of JSON');
    }
    if (typeof value !== 'object' || value === null) return value;
    const parts = partsOf(value);
    const isList = Array.isArray(value);
    const forParts = parts.reduce((left, { around }) => left - around, room - 1);
    const level = levelOf(
      parts.map((part) => sizeOf(part.value)),
      forParts,
    );
    const roomOfEach = Math.max(level, isList ? WHOLE.entry : WHOLE.field);
    const isOpen = !isNamed || isList || /(^|\.)extra$/.test(path);
    const kept: [string, Json][] = [];
    let left = room - 1; // as in sizeOf: the closing bracket takes the place of the last comma
    for (const part of parts) {
      const below = path === '' ? part.key : `${path}.${part.key}`;
      const shortened = fit(part.value, roomOfEach, isOpen ? path : below, !isOpen);
      left -= part.around + sizeOf(shortened);
      if (left < 0) {
        cut.add(path);
        break;
      }
      kept.push([part.key, shortened]);
    }
    return isList ? kept.map(([, part]) => part) : Object.fromEntries(kept);
  }

  return { value: fit(whole, most, '', true), cut: [...cut] };
}

interface Part {
  /** Empty in a list. */
  readonly key: string;
  readonly value: Json;
  /** Bytes of the key, the colon and a comma. */
  readonly around: number;
}

function partsOf(value: Json[] | { [key: string]: Json }): Part[] {
  if (Array.isArray(value)) return value.map((item) => ({ key: '', value: item, around: 1 }));
  return Object.entries(value).map(([key, item]) => ({
    key,
    value: item,
    around: Buffer.byteLength(JSON.stringify(key)) + 2,
  }));
}

/** The size to which the largest parts are cut, so that all together have room. */
function levelOf(sizes: readonly number[], room: number): number {
  let left = Math.max(room, 0);
  let parts = sizes.length;
  for (const size of sizes.toSorted((a, b) => a - b)) {
    if (size * parts > left) return Math.floor(left / parts);
    left -= size;
    parts -= 1;
  }
  return Math.max(room, 0);
}

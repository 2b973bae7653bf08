import { z } from 'zod';
import type { Kind, Nullable } from './kind';
import type { Reading } from './reading';

/** A list, empty where the wire has none. Elements that are none are left out. */
export function list<S extends z.ZodType>(element: Nullable<S>): Kind<z.ZodArray<S>> {
  return {
    label: `list of ${element.label}`,
    schema: z.array(element.schema.unwrap()),
    element,
    read(value, reading, path) {
      if (!Array.isArray(value)) {
        reading.refuse(path, 'expected a list');
        return [];
      }
      return readElements(element, value, reading, path);
    },
    absent: () => [],
  };
}

/**
 * A list that may come under several spellings, or as a single value, all joined; of elements with the same identity
 * the first stays.
 */
export function union<S extends z.ZodType>(
  element: Nullable<S>,
  identity: (value: z.output<S>) => unknown,
): Kind<z.ZodArray<S>> {
  const distinct = (values: readonly z.output<S>[]): z.output<S>[] => {
    const seen = new Set<unknown>();
    return values.filter((value) => {
      const key = identity(value);
      if (key !== null && seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  };
  return {
    ...list(element),
    read(value, reading, path) {
      if (!Array.isArray(value)) {
        const single = element.read(value, reading, path);
        return single === null ? [] : [single];
      }
      return distinct(readElements(element, value, reading, path));
    },
    merge: (lists) => distinct(lists.flatMap((values) => values ?? [])),
  };
}

function readElements<S extends z.ZodType>(
  element: Nullable<S>,
  values: readonly unknown[],
  reading: Reading,
  path: string,
): z.output<S>[] {
  const result: z.output<S>[] = [];
  values.forEach((value, index) => {
    if (value === null || value === undefined) return;
    const read = element.read(value, reading, `${path}[${index}]`);
    if (read !== null) result.push(read);
  });
  return result;
}

import { isNamed } from '../kinds/field';
import type { Fields } from '../kinds/kind';

const MOST = 3;

/** Paths of fields that may be meant: by the sender's name of a field, by a name that is nearly the same, or elsewhere in the event. */
export function nearNames(path: string, parent: string, fields: Fields): string[] {
  const name = path.split('.').at(-1)?.toLowerCase() ?? '';
  const distances = pathsOf(fields, '').map(({ path: one, names }) => {
    const distance = Math.min(...names.map((other) => distanceOf(name, other.toLowerCase())));
    return { path: one, distance, isBeside: one === `${parent && `${parent}.`}${one.split('.').at(-1)}` };
  });
  return distances
    .filter(({ distance }) => distance <= Math.max(1, name.length / 4))
    .toSorted((a, b) => a.distance - b.distance || Number(b.isBeside) - Number(a.isBeside))
    .slice(0, MOST)
    .map((one) => one.path);
}

/** Each field with its own name and the sender's. */
function pathsOf(fields: Fields, parent: string): { readonly path: string; readonly names: readonly string[] }[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const path = `${parent}${name}`;
    const inner = isNamed(field) ? (field.kind.element ?? field.kind).fields : field.kind.fields;
    const names = isNamed(field) ? [name, ...field.names] : [name];
    return [{ path, names }, ...(inner === undefined ? [] : pathsOf(inner, `${path}.`))];
  });
}

/** How many letters have to be changed, added or taken away (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

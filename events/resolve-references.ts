import { isObject } from './kinds/json';

/** Keys by which Newtonsoft and System.Text.Json mark references and types. */
export const isReferenceKey = (key: string): boolean => key === '$ref' || key === '$values' || key === '$value';

/**
 * The data without .NET's marks: `{ $id, $values: [...] }` is its list, `{ $type, $value }` its value, `{ $ref }` the object with that
 * `$id` that came before it. An object inside itself is null there. Parts are shared, so the result is to be checked for its size again.
 */
export function resolveReferences(data: unknown): unknown {
  const known = new Map<string, unknown>();
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (!isObject(value)) return value;
    const { $ref: ref, $id: id, $type: type, $values: values, $value: single, ...rest } = value;
    if (typeof ref === 'string' && known.has(ref)) return known.get(ref);
    if (typeof id === 'string') known.set(id, null);
    const resolved = Array.isArray(values)
      ? values.map(resolve)
      : type !== undefined && single !== undefined
        ? resolve(single)
        : resolveObject(ref === undefined ? rest : { $ref: ref, ...rest });
    if (typeof id === 'string') known.set(id, resolved);
    return resolved;
  };
  const resolveObject = (value: Readonly<Record<string, unknown>>): unknown =>
    Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolve(part)]));
  return resolve(data);
}

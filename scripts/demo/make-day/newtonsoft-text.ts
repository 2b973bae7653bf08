/**
 * What a C# property can hold, as far as the day needs it. A number is an int, a bigint a long, `double` a double:
 * Newtonsoft.Json prints the last with a fraction, always.
 */
export type Value = string | number | bigint | boolean | null | { readonly double: number } | readonly Value[] | Fields;

/** The properties of a C# object, in the order of its class. */
export interface Fields {
  readonly [property: string]: Value;
}

/** A value as Newtonsoft.Json prints it without indentation. Longs stay whole, which JSON.stringify could not do. */
export function newtonsoftText(value: Value): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value).replace(/[\u0085\u2028\u2029]/g, escapeCharacter);
  if (Array.isArray(value)) return `[${value.map(newtonsoftText).join(',')}]`;
  if (isDouble(value)) return Number.isInteger(value.double) ? `${value.double}.0` : String(value.double);
  return `{${Object.entries(value)
    .map(([name, field]) => `${JSON.stringify(name)}:${newtonsoftText(field)}`)
    .join(',')}}`;
}

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const isDouble = (value: object): value is { readonly double: number } =>
  typeof Reflect.get(value, 'double') === 'number';

/** Characters of an input that a run keeps while it delivers: a larger one is left behind once it is recorded. */
export const KEPT = 65_536;

/** A rough count: texts by their length, any other value as a few characters. Stops at the limit, however deep the value is. */
export function isLarger(value: unknown, characters: number): boolean {
  const rest = [value];
  let count = 0;
  while (rest.length > 0 && count <= characters) {
    const one = rest.pop();
    count += typeof one === 'string' ? one.length : 4;
    if (typeof one === 'object' && one !== null)
      for (const [name, inner] of Object.entries(one)) {
        count += name.length;
        rest.push(inner);
      }
  }
  return count > characters;
}

/** More levels than any event may have (events/check-bounds), fewer than the converter can write. */
const LEVELS = 100;

/** The same value, cut where it is nested deeper than `levels`. */
export function cut(value: unknown, levels = LEVELS): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return 'nested too deep';
  if (Array.isArray(value)) return value.map((one) => cut(one, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cut(one, levels - 1)]));
}

type Test = (value: unknown, operand: unknown) => boolean;

/** Of a value that is there; of a list, of each element. */
const eachOf: Readonly<Record<string, Test>> = {
  $eq: (value, operand) => value === operand,
  $in: (value, operand) => listOf(operand).includes(value),
  $gt: ordered((order) => order > 0),
  $gte: ordered((order) => order >= 0),
  $lt: ordered((order) => order < 0),
  $lte: ordered((order) => order <= 0),
  $startsWith: (value, operand) => typeof value === 'string' && value.startsWith(String(operand)),
  $endsWith: (value, operand) => typeof value === 'string' && value.endsWith(String(operand)),
};

/** The opposite of another, where a value is there. */
const opposites: Readonly<Record<string, string>> = { $ne: '$eq', $nin: '$in' };

/** Every operator that compares a field with an operand. */
export const comparisons = [...Object.keys(eachOf), ...Object.keys(opposites)];

/** How deep conditions may stand in each other. */
export const DEEPEST = 20;

/** A filter with an operator that this version does not know. */
class Unreadable extends Error {}

/**
 * Whether a filter takes an event. A field that is missing makes every comparison false; of a list, one element that fits is enough.
 *
 * @param data of the event, in internal form
 * @returns undefined when this version cannot read the filter
 */
export function matches(filter: unknown, data: unknown): boolean | undefined {
  try {
    return test(filter, data, 0);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function test(condition: unknown, value: unknown, depth: number): boolean {
  if (depth > DEEPEST) throw new Unreadable();
  if (!isObject(condition)) return compare('$eq', value, condition);
  const entries = Object.entries(condition);
  const hasFields = entries.some(([name]) => !name.startsWith('$'));
  if (hasFields && Array.isArray(value)) return value.some((one) => test(condition, one, depth + 1));
  return entries.every(([name, operand]) => {
    if (!name.startsWith('$')) return test(operand, fieldOf(value, name), depth + 1);
    if (name === '$and') return listOf(operand).every((one) => test(one, value, depth + 1));
    if (name === '$or') return listOf(operand).some((one) => test(one, value, depth + 1));
    if (name === '$not') return !test(operand, value, depth + 1);
    if (name === '$exist') return isMissing(value) !== (operand === true);
    return compare(name, value, operand);
  });
}

function compare(name: string, value: unknown, operand: unknown): boolean {
  const opposite = Object.hasOwn(opposites, name) ? opposites[name] : undefined;
  const by = Object.hasOwn(eachOf, opposite ?? name) ? eachOf[opposite ?? name] : undefined;
  if (by === undefined) throw new Unreadable();
  if (isMissing(value)) return false;
  const fits = Array.isArray(value) ? value.some((one) => by(one, operand)) : by(value, operand);
  return opposite === undefined ? fits : !fits;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isMissing = (value: unknown): boolean => value === undefined || value === null;

const fieldOf = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

function listOf(operand: unknown): readonly unknown[] {
  if (Array.isArray(operand)) return operand;
  throw new Unreadable();
}

/** Numbers with numbers, and texts with texts: times are texts whose order is that of time. */
function ordered(fits: (order: number) => boolean): Test {
  return (value, operand) => {
    if (typeof value === 'number' && typeof operand === 'number') return fits(value - operand);
    if (typeof value !== 'string' || typeof operand !== 'string') return false;
    return fits(value === operand ? 0 : value < operand ? -1 : 1);
  };
}

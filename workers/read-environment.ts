import type { z } from 'zod';

/** Thrown when the environment cannot be used; the message names every mistake. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
}

/**
 * The variables that a schema names; an empty one counts as not set.
 *
 * @param check what is wrong with them together; each text begins with the variable's name
 * @throws InvalidConfiguration
 */
export function readEnvironment<T>(
  schema: z.ZodType<T>,
  environment: Record<string, string | undefined>,
  check: (config: T) => readonly string[],
): T {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const { success, data, error } = schema.safeParse(given);
  const problems = success
    ? check(data)
    : error.issues.map(({ path, message }) => `${path.join('.')}: ${given[path.join('.')] ? message : 'is not set'}`);
  if (success && problems.length === 0) return data;
  throw new InvalidConfiguration(['The configuration cannot be used:', ...problems].join('\n  '));
}

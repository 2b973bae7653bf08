import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** Thrown when the environment cannot be used; the message names every mistake. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
}

/**
 * The variables that a schema names; an empty one counts as not set.
 *
 * @param check the mistakes of several variables together; each text begins with a variable's name
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

/** Secrets; NAME_FILE may name a file that has the value instead, as container platforms mount it. */
const IN_FILES = ['DATABASE_URL', 'SECRETS_KEY', 'SECRETS_KEY_PREVIOUS'] as const;

/**
 * The environment with the values that files have, read once.
 *
 * @throws InvalidConfiguration that names every mistake
 */
export function withFiles(environment: Record<string, string | undefined>): Record<string, string | undefined> {
  const values = { ...environment };
  const problems: string[] = [];
  for (const name of IN_FILES) {
    const variable = `${name}_FILE`;
    const file = environment[variable];
    if (!file) continue;
    if (environment[name]) {
      problems.push(`${variable}: leave it out, or ${name}`);
      continue;
    }
    try {
      values[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException; // the file system throws nothing else
      problems.push(`${variable}: this user cannot read ${file} (${code}); correct the path or its access`);
    }
  }
  if (problems.length === 0) return values;
  throw new InvalidConfiguration(['The configuration cannot be used:', ...problems].join('\n  '));
}

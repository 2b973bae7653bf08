import { join } from 'node:path';

/** The folder whose `dist/` has the product's code, compiled by the global setup. */
export const COMPILED = process.env['TEST_COMPILED'] ?? '';

/**
 * A compiled file of the product, for a process of a test: from source, each process would compile all that it loads.
 *
 * @param name from the root, without its ending: `workers/main`
 */
export const compiled = (name: string): string => join(COMPILED, 'dist', `${name}.js`);

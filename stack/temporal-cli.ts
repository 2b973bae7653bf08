import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The path of a Temporal CLI that works, as `scripts/setup.mjs` finds it (that file alone knows where to look).
 * Throws with setup's own words when there is none.
 */
export async function temporalCli(): Promise<string> {
  const setup = join(process.cwd(), 'scripts', 'setup.mjs');
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [setup, '--find-temporal']);
    return stdout.trim();
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(said === '' ? 'There is no Temporal CLI: run `node scripts/setup.mjs`.' : said, { cause: error });
  }
}

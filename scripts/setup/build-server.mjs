import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache-folder.mjs';
import { goBuild, neededGo, pinnedVersion } from './go-build.mjs';
import { withLock } from './with-lock.mjs';

const VERSION = pinnedVersion('go.temporal.io/server');

/** Each program with the package that it is built from. */
const PROGRAMS = {
  'temporal-server': 'go.temporal.io/server/cmd/server',
  'temporal-sql-tool': 'go.temporal.io/server/cmd/tools/sql',
  'temporal-ui-server': 'github.com/temporalio/ui-server/v2/cmd/server',
};

const folder = () => join(cacheFolder(), `temporal-server-${VERSION}`);

/** The folder of the server's programs, outside the checkout; undefined when they have not been built. */
export function findServer() {
  return Object.keys(PROGRAMS).every((name) => existsSync(join(folder(), name))) ? folder() : undefined;
}

/**
 * Builds the pinned Temporal server, its SQL tool and its Web UI, once, and returns their folder. They are only built: there is no
 * download of them that is the same everywhere. Throws when there is no Go, or no module proxy.
 */
export async function buildServer() {
  return await withLock(`temporal-server-${VERSION}`, 'another set-up builds the Temporal server', async () => {
    if (findServer() !== undefined) return folder();
    const work = `${folder()}.unfinished`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    try {
      await goBuild({
        what: `the Temporal server ${VERSION}`,
        minutes: 6,
        programs: Object.fromEntries(Object.entries(PROGRAMS).map(([name, from]) => [join(work, name), from])),
      });
      const { stdout, status } = spawnSync(join(work, 'temporal-server'), ['--version'], { encoding: 'utf8' });
      if (!stdout?.includes(VERSION))
        throw new Error(`the program that was built does not run: \`--version\` ended with ${status}.`);
      // A folder appears in the cache only whole and tried.
      rmSync(folder(), { recursive: true, force: true });
      mkdirSync(dirname(folder()), { recursive: true });
      renameSync(work, folder());
    } catch (error) {
      const advice = `Go ${neededGo()} or later (https://go.dev/dl/) and a Go module proxy are needed.`;
      throw new Error(`there is no Temporal server: ${error.message}\n${advice}`, { cause: error });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    return folder();
  });
}

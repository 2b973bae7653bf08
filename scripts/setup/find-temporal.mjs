import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder } from './cache-folder.mjs';

/** The version that is fetched; one of its minor or later does, when the machine has it. */
export const TEMPORAL_VERSION = '1.8.2';

const MINIMUM = [1, 8];
const executable = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** Where the fetched CLI is kept: outside the checkout, so that every checkout has it. */
export function cachedTemporal() {
  return join(cacheFolder(), `temporal-${TEMPORAL_VERSION}`, executable);
}

/**
 * The path of a Temporal CLI that works: TEMPORAL_CLI if set, else a recent enough one on the PATH, else the cached one; undefined
 * when there is none. Throws when TEMPORAL_CLI is set and does not work: the user wants that one.
 */
export function findTemporal() {
  const given = process.env.TEMPORAL_CLI;
  if (given !== undefined && given !== '') {
    const { problem } = inspect(given);
    if (problem !== undefined)
      throw new Error(`TEMPORAL_CLI is ${given}, which is no working Temporal CLI: ${problem}.`);
    return given;
  }
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, executable));
  return [...onPath, cachedTemporal()].find((file) => {
    const { version } = inspect(file);
    return version !== undefined && isRecent(version);
  });
}

/** Runs `--version`: `{ version }`, or `{ problem }` in words. The answer is remembered for as long as the file is the same. */
export function inspect(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return { problem: 'there is no such file' };
  const remembered = readMemory();
  const mark = `${stat.size} ${stat.mtimeMs} ${stat.ino}`;
  if (remembered[file]?.mark === mark) return { version: remembered[file].version };
  const { error, signal, status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 60_000 });
  const version = /^temporal version (\S+)/m.exec(stdout ?? '')?.[1];
  if (version === undefined)
    return { problem: error?.message ?? `\`--version\` ended with ${signal ?? `code ${status}`}` };
  writeMemory({ ...remembered, [file]: { mark, version } });
  return { version };
}

function isRecent(version) {
  const [major, minor] = version.split('.').map(Number);
  return major === MINIMUM[0] && minor >= MINIMUM[1];
}

const memory = () => join(cacheFolder(), 'temporal-versions.json');

function readMemory() {
  try {
    return JSON.parse(readFileSync(memory(), 'utf8'));
  } catch {
    return {};
  }
}

/** Only saves time, so a folder that cannot be written is no failure. */
function writeMemory(versions) {
  try {
    mkdirSync(dirname(memory()), { recursive: true });
    const unfinished = `${memory()}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify(versions));
    renameSync(unfinished, memory());
  } catch {
    return;
  }
}

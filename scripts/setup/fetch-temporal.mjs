import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cachedTemporal, findTemporal, inspect, TEMPORAL_VERSION } from './find-temporal.mjs';
import { goBuild, neededGo } from './go-build.mjs';
import { withLock } from './with-lock.mjs';

const DOWNLOAD = 'https://temporal.download/cli/archive';
const ANSWER_WITHIN_MS = 10_000;
const DOWNLOAD_WITHIN_MS = 10 * 60_000;

export const HOW_TO_GET_TEMPORAL = `Any one of these will do:
  - the Temporal CLI ${TEMPORAL_VERSION} or later on the PATH (https://docs.temporal.io/cli#install), or TEMPORAL_CLI set to its path;
  - a network that reaches ${DOWNLOAD}, or TEMPORAL_CLI_MIRROR set to a copy of it;
  - Go ${neededGo()} or later on the PATH (https://go.dev/dl/) and a Go module proxy: then it is built from source.`;

/**
 * Puts the pinned Temporal CLI into the user's cache: the official download, else built from source.
 * Throws when both fail, saying why each did and what to install.
 */
export async function fetchTemporal() {
  await withLock(`temporal-${TEMPORAL_VERSION}`, 'another set-up fetches the Temporal CLI', async () => {
    if (findTemporal() !== undefined) return;
    const work = join(dirname(cachedTemporal()), 'unfinished');
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    const reasons = [];
    try {
      for (const way of [download, build]) {
        try {
          install(await way(work));
          return;
        } catch (error) {
          reasons.push(error.message);
          process.stderr.write(`Set-up: ${error.message}\n`);
        }
      }
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    throw new Error(
      `there is no Temporal CLI, and it could not be fetched.\n  ${reasons.join('\n  ')}\n${HOW_TO_GET_TEMPORAL}`,
    );
  });
}

/** A file appears in the cache only whole and tried, by renaming within one folder. */
function install(file) {
  const { version, problem } = inspect(file);
  if (version === undefined) throw new Error(`the downloaded or built Temporal CLI does not work: ${problem}.`);
  renameSync(file, cachedTemporal());
  process.stderr.write(`Set-up: Temporal CLI ${version} is in ${cachedTemporal()}.\n`);
}

async function download(work) {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const mirror = process.env.TEMPORAL_CLI_MIRROR || DOWNLOAD;
  const url = `${mirror}/v${TEMPORAL_VERSION}?platform=${platform}&arch=${arch}`;
  const archive = join(work, 'archive');
  process.stderr.write(`Set-up: downloading the Temporal CLI from ${url} ...\n`);
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), ANSWER_WITHIN_MS);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), DOWNLOAD_WITHIN_MS);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
  } catch (error) {
    const why = abort.signal.aborted ? 'no answer in time' : (error.cause?.message ?? error.message);
    throw new Error(`the download from ${new URL(url).host} failed: ${why}.`);
  } finally {
    clearTimeout(timer);
  }
  const name = basename(cachedTemporal());
  const { error, status } = spawnSync('tar', ['-xf', archive, '-C', work, name], { stdio: 'ignore' });
  if (status !== 0)
    throw new Error(`the download could not be unpacked: ${error?.message ?? `tar ended with code ${status}`}.`);
  return join(work, name);
}

async function build(work) {
  const file = join(work, basename(cachedTemporal()));
  await goBuild({
    what: `the Temporal CLI ${TEMPORAL_VERSION}`,
    minutes: 6,
    programs: { [file]: 'github.com/temporalio/cli/cmd/temporal' },
    linkerFlags: `-X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_VERSION}`,
  });
  return file;
}

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from './run-child.mjs';
import { showElapsed } from './show-elapsed.mjs';

/** The Go module that pins every Temporal program. */
const module = join(dirname(fileURLToPath(import.meta.url)), '..', 'temporal');
const goMod = readFileSync(join(module, 'go.mod'), 'utf8');

/** The version of a module that the Go module pins, such as `1.31.2`. */
export function pinnedVersion(name) {
  return new RegExp(`^\\s*${name} v(\\S+)`, 'm').exec(goMod)?.[1] ?? '';
}

/** The version of Go that building needs. */
export function neededGo() {
  return /^go (\S+)$/m.exec(goMod)?.[1] ?? '';
}

/**
 * Builds programs of the pinned module, at low priority: `{ what, minutes, programs: { [file]: package }, linkerFlags }`, shown while
 * it goes on. Throws when there is no Go, or the build fails.
 */
export async function goBuild({ what, minutes, programs, linkerFlags = '' }) {
  const local = /go(\d+\.\d+(?:\.\d+)?)/.exec(
    spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', env: { ...process.env, GOTOOLCHAIN: 'local' } }).stdout ??
      '',
  )?.[1];
  if (local === undefined) throw new Error(`${what} cannot be built from source: there is no \`go\` on the PATH.`);
  const env = { ...process.env, GOFLAGS: '-mod=readonly', GOWORK: 'off' };
  // Go older than the module asks for fetches a newer one by itself, which is only wanted when there is no other way.
  if (isAtLeast(local, neededGo())) env.GOTOOLCHAIN = 'local';
  process.stderr.write(`Set-up: building ${what} with Go ${local}, once; about ${minutes} minutes on two cores.\n`);
  setPriority(10); // of this process and those it starts: the machine may have other work
  const done = showElapsed(`building ${what}`);
  try {
    for (const [file, name] of Object.entries(programs)) {
      await run(['build', '-trimpath', '-ldflags', `-s -w ${linkerFlags}`, '-o', file, name], env);
    }
  } finally {
    done();
  }
}

async function run(args, env) {
  const options = { cwd: module, env, stdio: ['ignore', 'ignore', 'pipe'] };
  const { code, signal, stderr } = await runChild('go', args, options);
  if (code !== 0) throw new Error(`\`go build\` ended with ${signal ?? `code ${code}`}: ${stderr}`);
}

function isAtLeast(version, minimum) {
  const [a, b] = [version, minimum].map((text) => text.split('.').map(Number));
  const different = b.findIndex((part, index) => part !== (a[index] ?? 0));
  return different === -1 || (a[different] ?? 0) > b[different];
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from './run-child.mjs';
import { withLock } from './with-lock.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Installs the locked packages when they are missing or not those of package-lock.json. */
export async function installPackages() {
  if (packagesFit()) return;
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 16);
  await withLock(`packages-${checkout}`, 'another set-up installs the packages', async () => {
    if (packagesFit()) return;
    const began = Date.now();
    process.stderr.write('Set-up: installing the locked packages (npm ci) ...\n');
    // No package needs its install script here, and one of them downloads a binary that nothing uses.
    await npm(['ci', '--ignore-scripts', '--loglevel=error']);
    process.stderr.write(`Set-up: packages installed in ${Math.round((Date.now() - began) / 1000)} s.\n`);
  });
}

/**
 * npm notes what it has installed in node_modules/.package-lock.json, as its last step. Packages of other platforms may be missing
 * from it; everything else has to be there and equal.
 */
function packagesFit() {
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  const wanted = readLock(join(root, 'package-lock.json'));
  if (wanted === undefined) throw new Error('package-lock.json cannot be read: is this a whole checkout?');
  if (installed === undefined) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const there = installed[path];
    if (there === undefined) return optional === true;
    return there.version === version && (there.integrity ?? integrity) === integrity;
  });
}

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

async function npm(args) {
  // npm tells its scripts where it is itself; `npm` on Windows is a script that only a shell can start.
  const own = process.env.npm_execpath;
  const [file, all] = own?.endsWith('.js') ? [process.execPath, [own, ...args]] : ['npm', args];
  const options = { cwd: root, stdio: ['ignore', 2, 2], shell: file === 'npm' && process.platform === 'win32' };
  const { code, signal } = await runChild(file, all, options).catch((cause) => {
    throw new Error(`npm could not be started (${cause.message}). Install Node with npm.`, { cause });
  });
  if (code === 0) return;
  const ended = `\`npm ${args.join(' ')}\` ended with ${signal ?? `code ${code}`}`;
  throw new Error(`${ended}; its message is above. Is the package registry reachable?`);
}

#!/usr/bin/env node
// The operator's commands from a checkout. They start from one file, which is made anew when a source has changed: to load each source
// by itself takes seconds.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'node_modules', '.chat-events'); // removed with the packages that the file was made for
const bundle = join(folder, 'ops.cjs');
const sources = join(folder, 'ops.json');

const stampOf = (path) => {
  const { mtimeMs, size } = statSync(join(root, path));
  return `${mtimeMs} ${size}`;
};

function isFresh() {
  try {
    statSync(bundle);
    return Object.entries(JSON.parse(readFileSync(sources, 'utf8'))).every(([path, stamp]) => stampOf(path) === stamp);
  } catch {
    return false; // it was never made, or a source is gone
  }
}

async function make() {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['ops/main.ts'],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    metafile: true,
    write: false,
  });
  mkdirSync(folder, { recursive: true });
  const stamps = Object.fromEntries(Object.keys(metafile.inputs).map((path) => [path, stampOf(path)]));
  write(bundle, outputFiles[0].text);
  write(sources, JSON.stringify(stamps));
}

/** Another command may read the file at this moment. */
function write(path, text) {
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}

if (!isFresh()) await make();
module.enableCompileCache?.(); // Node 22
module.createRequire(import.meta.url)(bundle);

import * as client from '@temporalio/client';
import { build, type Plugin } from 'esbuild';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { runCommand } from '../stack/run-command';

const NAME = 'chat-events-publisher';
const root = resolve(__dirname, '..');
/** Packages that are loaded when one of their exports is first used, with the names of these. */
const LAZY: ReadonlyMap<string, readonly string[]> = new Map([
  ['@temporalio/client', Object.keys(client)],
  ['@temporalio/proto', ['temporal']],
]);

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly engines: unknown;
  readonly dependencies: Readonly<Record<string, string>>;
  /** The publisher loads them where they are configured. */
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** Loading Temporal's client and its messages takes several times as long as all the rest, so that waits until they are used. */
const loadTemporalLazily: Plugin = {
  name: 'load Temporal lazily',
  setup(bundler) {
    bundler.onResolve({ filter: new RegExp(`^(${[...LAZY.keys()].join('|')})$`) }, ({ path, namespace }) =>
      namespace === 'lazy' ? { path, external: true } : { path, namespace: 'lazy' },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: (LAZY.get(path) ?? [])
        .map((name) => `Object.defineProperty(exports, '${name}', { get: () => require('${path}').${name} });`)
        .join('\n'),
    }));
  },
};

/**
 * Packs what a chat server installs: the publisher as one file, and its declarations.
 *
 * @param into folder
 * @returns path of the tarball
 */
export async function pack(into: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'pack-'));
  try {
    const content = join(work, NAME);
    const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const packages = await bundle(join(content, 'index.js'), Object.keys(manifest.dependencies));
    await declare(join(work, 'declarations'), join(content, 'types'));
    copyFileSync(join(root, 'client/README.md'), join(content, 'README.md'));
    copyFileSync(join(root, 'LICENSE'), join(content, 'LICENSE'));
    writeFileSync(join(content, 'package.json'), JSON.stringify(describe(manifest, packages), null, 2));
    mkdirSync(into, { recursive: true });
    await run(['npm', 'pack', content, '--pack-destination', resolve(into), '--silent'], work);
    return join(resolve(into), `${NAME}-${manifest.version}.tgz`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** CommonJS: ES modules import its names, too, and no program gets two copies of it. */
function describe(
  { version, license, engines, dependencies, optionalDependencies }: Manifest,
  packages: readonly string[],
): object {
  const types = './types/client/index.d.ts';
  return {
    name: NAME,
    version,
    description: 'Publishes the events of a live-chat server, so that none is lost.',
    license,
    type: 'commonjs',
    engines,
    main: './index.js',
    types,
    exports: { '.': { types, default: './index.js' }, './package.json': './package.json' },
    dependencies: Object.fromEntries(packages.map((name) => [name, dependencies[name]])),
    peerDependencies: optionalDependencies,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(optionalDependencies).map((name) => [name, { optional: true }]),
    ),
  };
}

/** @returns the packages that it requires */
async function bundle(file: string, external: readonly string[]): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['client/index.ts'],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: external.filter((name) => !LAZY.has(name)),
    plugins: [loadTemporalLazily],
    metafile: true,
  });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return external.filter((name) => imported.some((path) => path === name || path.startsWith(`${name}/`))).toSorted();
}

/** Writes the declarations that a program reads which imports the publisher; they need no other package's. */
async function declare(all: string, into: string): Promise<void> {
  await run(['tsc', '--project', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', all], root);
  const left = [join(all, 'client/index.d.ts')];
  const seen = new Set(left);
  for (const file of left) {
    const text = readFileSync(file, 'utf8');
    for (const [, name = ''] of text.matchAll(/(?:from|import\() ?['"]([^'"]+)['"]/g)) {
      const next = `${join(dirname(file), name)}.d.ts`;
      if (!name.startsWith('.') || !existsSync(next)) {
        throw new Error(`The publisher's types must not need "${name}", which ${relative(all, file)} imports.`);
      }
      if (!seen.has(next)) left.push(next);
      seen.add(next);
    }
    cpSync(file, join(into, relative(all, file)));
  }
}

async function run(command: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await runCommand(command, { cwd });
  if (code !== 0) throw new Error(`${command.join(' ')} failed:\n${output}`);
}

if (require.main === module) {
  pack('dist').then(console.log, (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}

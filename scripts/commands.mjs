// The commands of package.json, each of which is `node scripts/run.mjs NAME`.

/** Settings that Node and glibc read when a process starts; those of the environment stay. As in the unit and the image. */
const serverSettings = { UV_THREADPOOL_SIZE: '16', MALLOC_MMAP_THRESHOLD_: '1048576' };

/** By name: the program, its first arguments, whether it needs a Temporal CLI besides the packages, and settings of its process. */
export const commands = {
  bench: { program: 'lab/bench/bench.ts', temporal: true },
  build: { program: 'scripts/build.ts' },
  check: { program: 'scripts/check.ts' },
  cluster: { program: 'stack/cluster/cluster.ts' },
  demo: { program: 'lab/demo/demo.ts', temporal: true },
  dev: { program: 'scripts/start.ts', arguments: ['--dev'], temporal: true, settings: serverSettings },
  docs: { program: 'scripts/docs.ts' },
  drill: { program: 'lab/drill/drill.ts', temporal: true },
  fakes: { program: 'lab/fakes/fakes.ts' },
  format: {
    program: 'node_modules/prettier/bin/prettier.cjs',
    arguments: ['--write', '--log-level', 'warn', '.'],
  },
  ingress: { program: 'ingress/main.ts', settings: serverSettings },
  migrate: { program: 'scripts/migrate.ts' },
  new: { program: 'scripts/new/new.ts' },
  ops: { program: 'scripts/ops.mjs' },
  pack: { program: 'scripts/pack.ts' },
  'publish-event': { program: 'scripts/publish-event.ts' },
  replay: { program: 'scripts/replay.ts' },
  screenshots: { program: 'lab/screenshots/screenshots.ts', temporal: true },
  seed: { program: 'prisma/seed.ts' },
  soak: { program: 'lab/soak/soak.ts', temporal: true },
  start: { program: 'scripts/start.ts', temporal: true, settings: serverSettings },
  test: { program: 'node_modules/jest/bin/jest.js', temporal: true },
  'test:all': { program: 'scripts/test-all.ts', temporal: true },
  'test:faults': { program: 'lab/faults/faults.ts', temporal: true },
};

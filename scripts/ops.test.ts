import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join('node_modules', '.chat-events');
const sources = join(folder, 'ops.json');

function help(): { said: string; madeAt: number } {
  const said = execFileSync(process.execPath, ['scripts/ops.mjs', 'events', '--help'], { encoding: 'utf8' });
  return { said, madeAt: statSync(join(folder, 'ops.cjs')).mtimeMs };
}

it('starts the commands from one file, which is made anew only when a source has changed', () => {
  const first = help();
  expect(first.said).toContain('find events, and show the state of one');
  expect(help()).toEqual(first);
  const stamps = JSON.parse(readFileSync(sources, 'utf8')) as Record<string, string>;
  expect(Object.keys(stamps)).toEqual(expect.arrayContaining(['ops/main.ts', 'db/show-event.ts']));
  writeFileSync(sources, JSON.stringify({ ...stamps, 'ops/events.ts': 'as it was before' }));
  const again = help();
  expect(again.said).toBe(first.said);
  expect(again.madeAt).toBeGreaterThan(first.madeAt);
});

it.each(['events find abc', 'status'])('"%s" asks the database before it loads schemas or Temporal', (args) => {
  help();
  const program = `process.on('exit', () => console.log(Object.keys(require.cache).join())); require('./${folder}/ops.cjs')`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, 'ops', ...args.split(' ')], {
    encoding: 'utf8',
    env: {
      ...process.env,
      DATABASE_URL: 'postgresql://user@127.0.0.1:1/none',
      SECRETS_KEY: Buffer.alloc(32).toString('base64'),
    },
  });
  expect(stderr).toContain('ECONNREFUSED');
  const packages = [...stdout.matchAll(/node_modules\/((?:@[^/]+\/)?[^/,]+)/g)].map(([, name]) => name);
  expect(packages).toContain('pg');
  expect(packages.filter((name) => /^(zod|@temporalio|@grpc|protobufjs)/.test(name ?? ''))).toEqual([]);
});

import { execFileSync } from 'node:child_process';
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

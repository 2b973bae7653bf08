import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../stack/run-command';

let folder: string;

beforeAll(async () => (folder = await realpath(await mkdtemp(join(tmpdir(), 'progress-')))));
afterAll(() => rm(folder, { recursive: true, force: true }));

it('ends a run whose suite keeps the event loop to itself, and names the suite', async () => {
  await writeFile(join(folder, 'turns.test.js'), "it('ends', () => {});");
  await writeFile(join(folder, 'loops.test.js'), "it('goes on', async () => { for (;;) await undefined; }, 100);");
  const reporters = [[join(__dirname, 'progress-reporter.js'), { quietMs: 5_000 }]];
  const config = join(folder, 'jest.config.json');
  await writeFile(config, JSON.stringify({ rootDir: folder, maxWorkers: 2, reporters }));
  const { code, output } = await runCommand(['jest', '--config', config]);
  expect(code).toBe(1);
  expect(output).toContain(`Suites that were running:\n  ${join(folder, 'loops.test.js')}\n`);
}, 60_000);

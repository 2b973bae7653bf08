import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { catalogue } from '../events/catalogue';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { runWorker } from '../tests/running-worker';

const MAIN = { TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'] };
const NOBODY = '127.0.0.1:1';

const chat = JSON.stringify(catalogue['Chat.Ended'].example);
const ban = JSON.stringify({ SiteId: 1, BanType: 0, IpFromOrVisitorId: 7 });
let temporal: FreshNamespace;
let folder: string;

beforeAll(async () => {
  temporal = await freshNamespace();
  folder = await mkdtemp(join(tmpdir(), 'publish-event-'));
});

afterAll(async () => {
  await temporal.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the script in an empty folder. */
async function publishEvent(args: string[], input = '', clusters: NodeJS.ProcessEnv = MAIN) {
  const env = { ...process.env, TEMPORAL_NAMESPACE: temporal.namespace, ...clusters };
  const loader = resolve('node_modules/tsx/dist/loader.mjs');
  const child = spawn(process.execPath, ['--import', loader, resolve('scripts/publish-event.ts'), ...args], {
    cwd: folder,
    env,
  });
  child.stdin.end(input);
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { output, errors, code: Number(code) };
}

test('prints the receipt of an event from a file, with the byte order mark that .NET writes', async () => {
  await writeFile(join(folder, 'chat.json'), `\uFEFF${chat}`);
  const { output, code } = await publishEvent(['Chat.Ended', 'chat.json']);
  expect(code).toBe(0);
  expect(JSON.parse(output)).toMatchObject({ key: expect.stringMatching(/^Chat\.Ended\//), duplicate: false });
  const again = await publishEvent(['Chat.Ended', '-'], chat);
  expect(JSON.parse(again.output)).toEqual({ ...JSON.parse(output), duplicate: true });
});

test.each([
  ['no arguments', []],
  ['an unknown type', ['Chat.Started', '-']],
  ['no file', ['Chat.Ended']],
  ['a file that is not there', ['Chat.Ended', 'none.json']],
])('a wrong call is exit code 2: %s', async (_name, args) => {
  const { errors, code } = await publishEvent(args);
  expect(code).toBe(2);
  expect(errors).toMatch(/npm run publish-event -- TYPE|cannot be read/);
});

test('an invalid event is exit code 3, and every problem is listed', async () => {
  const { errors, code } = await publishEvent(['Agent.Ban', '-'], '{"AgentId": {}, "Comment": {}}');
  expect(code).toBe(3);
  for (const path of ['AgentId', 'Comment', 'SiteId']) expect(errors).toContain(`  data.${path}: `);
});

test('with nothing running it says how to start, exit code 1', async () => {
  const { errors, code } = await publishEvent(['Chat.Ended', '-'], chat, { TEMPORAL_ADDRESS: '' });
  expect(code).toBe(1);
  expect(errors).toContain('Start it with "npm start", or set TEMPORAL_ADDRESS.');
});

test('while main is down, standby gets the event', async () => {
  const clusters = { TEMPORAL_ADDRESS: NOBODY, TEMPORAL_STANDBY_ADDRESS: MAIN.TEMPORAL_ADDRESS };
  const { output } = await publishEvent(['Agent.Ban', '-', '--id', 'one'], ban, clusters);
  expect(JSON.parse(output)).toMatchObject({ key: 'Agent.Ban/1/one', acceptedBy: 'standby' });
});

test('with a journal it needs no cluster, and the next one on the folder hands the event over', async () => {
  const journal = ['--journal', join(folder, 'journal')];
  const first = await publishEvent(['Agent.Ban', '-', '--id', 'two', ...journal], ban, { TEMPORAL_ADDRESS: NOBODY });
  expect(JSON.parse(first.output)).toMatchObject({ key: 'Agent.Ban/1/two', acceptedBy: 'journal' });
  const where = join(folder, 'journal');
  expect(first.errors).toMatch(/^Not handed over yet: no cluster answers \(main: .+\)\. /);
  expect(first.errors).toContain(`It is in ${where}; the next publish-event on it goes on.`);
  expect(first.errors).not.toContain('earlier event');
  const running = await runWorker();
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = running.config;
  const there = { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE };
  const second = await publishEvent(['Agent.Ban', '-', '--id', 'three', ...journal], ban, there);
  expect(second.errors).toBe('');
  const { rows } = await running.pool.query('select id from event order by id');
  await running.stop();
  expect(rows).toEqual([{ id: 'three' }, { id: 'two' }]);
}, 60_000);

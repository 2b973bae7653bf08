import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { catalogue } from '../events/catalogue';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';

const chat = JSON.stringify(catalogue['Chat.Ended'].example);
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
async function publishEvent(args: string[], input = '', address = process.env['TEST_TEMPORAL_ADDRESS']) {
  const env = { ...process.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: temporal.namespace };
  const tsx = resolve('node_modules/.bin/tsx');
  const child = spawn(tsx, [resolve('scripts/publish-event.ts'), ...args], { cwd: folder, env });
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
  const { errors, code } = await publishEvent(['Chat.Ended', '-'], chat, '');
  expect(code).toBe(1);
  expect(errors).toContain('Start it with "npm start", or set TEMPORAL_ADDRESS.');
});

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCommand } from '../stack/run-command';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { pack } from './pack';

let temporal: FreshNamespace;
let folder: string;
const at = (...path: string[]): string => join(folder, ...path);

beforeAll(async () => {
  temporal = await freshNamespace();
  folder = mkdtempSync(join(tmpdir(), 'packed-'));
  const tarball = await pack(at('tarballs'));
  mkdirSync(at('node_modules/chat-events-publisher'), { recursive: true });
  await run(['tar', '-xf', tarball, '--strip-components=1', '-C', at('node_modules/chat-events-publisher')]);
  // npm is left to pack.long.test.ts: its registry may be out of reach.
  for (const name of ['@temporalio', 'lossless-json', 'uuid', 'zod']) {
    symlinkSync(resolve('node_modules', name), at('node_modules', name));
  }
});

afterAll(async () => {
  await temporal?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(command: readonly string[]): Promise<string> {
  const { code, output } = await runCommand(command, { cwd: folder });
  if (code !== 0) throw new Error(output);
  return output;
}

test('the package has the code in one file, declarations, what it is and its licence, and is small', () => {
  const content = at('node_modules/chat-events-publisher');
  expect(readdirSync(content).sort()).toEqual(['LICENSE', 'README.md', 'index.js', 'package.json', 'types']);
  expect(statSync(join(content, 'index.js')).size).toBeLessThan(400_000);
});

test('an ES module publishes through it; to load it does not load the Temporal client', async () => {
  const to = { name: 'main', address: process.env['TEST_TEMPORAL_ADDRESS'], namespace: temporal.namespace };
  writeFileSync(
    at('publish.mjs'),
    `import { createRequire } from 'node:module';
     import { createPublisher, InvalidEvent } from 'chat-events-publisher';
     const isLoaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('grpc-js'));
     const before = isLoaded();
     const payloadKey = Buffer.alloc(32, 1).toString('base64');
     const publisher = createPublisher({ clusters: [${JSON.stringify(to)}], payloadKey });
     const { key } = await publisher.publish('Visit.Log', { SiteId: 9, VisitCount: 2 }, { id: 'packed' });
     const refused = await publisher.publish('Visit.Log', {}).catch((error) => error instanceof InvalidEvent);
     await publisher.close();
     console.log(JSON.stringify({ before, after: isLoaded(), key, refused }));`,
  );
  const output = JSON.parse(await run([process.execPath, 'publish.mjs']));
  expect(output).toEqual({ before: false, after: true, key: 'Visit.Log/9/packed', refused: true });
  const started = temporal.client.workflow.getHandle(output.key);
  expect((await started.describe()).type).toBe('processChatEvent');
  const { events } = await started.fetchHistory();
  const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  expect(Buffer.from(input?.metadata?.['encoding'] ?? []).toString()).toBe('binary/encrypted');
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCommand } from '../stack/run-command';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { pack } from './pack';

/** As npm would say where neither its registry nor its cache has what the package needs. */
const npm = [
  'npm',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  '--fetch-retries=0',
  '--fetch-timeout=60000',
] as const;
const { status } = spawnSync(npm[0], [...npm.slice(1), 'view', '@temporalio/client', 'version']);
const title = `the packed publisher${status === 0 ? '' : ' (skipped: npm reaches no registry, and its cache has not what is needed)'}`;

const PROGRAM = `
const payloadKey = Buffer.alloc(32, 1).toString('base64');
const clusters = [{ name: 'main', address: process.env.ADDRESS, namespace: process.env.NAMESPACE }];
const publisher = createPublisher({ clusters, payloadKey });
const publish = async (id) => {
  const { key, unknownFields } = await publisher.publish('Agent.Ban', { SiteId: 9, BanType: 1, IpFromOrVisitorId: 0 }, { id });
  await publisher.close();
  console.log(key, unknownFields.length);
};
`;

/** What a strict TypeScript program writes; each line that is wrong is expected to be an error. */
const TYPESCRIPT = `
import { createPublisher, formatMetrics, InvalidEvent, type PublisherOptions, type Receipt, type WireData } from 'chat-events-publisher';
declare const process: { readonly env: Record<string, string | undefined>; exitCode?: number };
declare const console: { log(...parts: unknown[]): void };

const { ADDRESS = '', NAMESPACE } = process.env;
const options: PublisherOptions = {
  clusters: [{ name: 'main', address: ADDRESS, namespace: NAMESPACE, tls: false, apiKey: undefined }],
};
const publisher = createPublisher(options);
const rating: WireData['Visitor.Rating'] = { SiteId: 9, ChatGuid: 'a', ratingGrade: 4, ratingComment: undefined };
async function main(): Promise<Receipt> {
  await publisher.publish('Visitor.Rating', rating);
  // @ts-expect-error two names that no field has
  await publisher.publish('Visitor.Rating', { SiteIdd: 1, ratngGrade: 'x' }).catch((error: unknown) => {
    if (!(error instanceof InvalidEvent) || error.problems.length === 0) throw error;
  });
  const chat = { SiteId: 9n, ChatId: 'typed', Start: new Date('2026-01-02'), ChatType: 0, Messages: [{ Content: 'Hi' }] };
  const receipt = await publisher.publish('Chat.Ended', { Chat: chat });
  if (!formatMetrics(publisher.status()).includes('accepted_total{cluster="main"} 2')) process.exitCode = 1;
  await publisher.close();
  return receipt;
}
main().then(({ key, unknownFields }) => console.log(key, unknownFields.length));
`;

(status === 0 ? describe : describe.skip)(title, () => {
  let temporal: FreshNamespace;
  let folder: string;

  beforeAll(async () => {
    temporal = await freshNamespace();
    folder = mkdtempSync(join(tmpdir(), 'chat-server-'));
    const tarball = await pack(join(folder, 'tarballs'));
    mkdirSync(join(folder, 'server'));
    // By name: npm, as this test's caller, has told its children that their project is this one.
    await run([...npm, 'install', '--prefix', join(folder, 'server'), tarball], 'server');
  }, 600_000);

  afterAll(async () => {
    await temporal.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(command: readonly string[], where: string): Promise<string> {
    const env = { ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'], NAMESPACE: temporal.namespace };
    const { code, output } = await runCommand(command, { cwd: join(folder, where), env });
    if (code !== 0) throw new Error(output);
    return output.trim();
  }

  const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
  const tool = (name: string): string => resolve('node_modules/.bin', name);
  test('publishes from CommonJS', async () => {
    write('server/main.cjs', `const { createPublisher } = require('chat-events-publisher');${PROGRAM}publish('cjs');`);
    expect(await run([process.execPath, 'main.cjs'], 'server')).toBe('Agent.Ban/9/cjs 0');
  });

  test('publishes from an ES module, and from its bundle without node_modules', async () => {
    write('server/main.mjs', `import { createPublisher } from 'chat-events-publisher';${PROGRAM}publish('esm');`);
    expect(await run([process.execPath, 'main.mjs'], 'server')).toBe('Agent.Ban/9/esm 0');
    mkdirSync(join(folder, 'bundled'));
    const options = ['--bundle', '--platform=node', '--outfile=../bundled/main.js', '--log-level=error'];
    await run([tool('esbuild'), 'main.mjs', ...options], 'server');
    expect(await run([process.execPath, 'main.js'], 'bundled')).toBe('Agent.Ban/9/esm 0');
  });

  test.each(['commonjs', 'module'])(
    'publishes from strict TypeScript of type %s that checks all declarations, where a misspelt field is an error',
    async (type) => {
      mkdirSync(join(folder, 'server', type));
      write(`server/${type}/package.json`, JSON.stringify({ type }));
      write(`server/${type}/main.ts`, TYPESCRIPT);
      const strict = [
        '--strict',
        '--exactOptionalPropertyTypes',
        '--noUncheckedIndexedAccess',
        '--skipLibCheck',
        'false',
      ];
      await run(
        [tool('tsc'), 'main.ts', ...strict, '--module', 'nodenext', '--target', 'es2022', '--types', ''],
        `server/${type}`,
      );
      expect(await run([process.execPath, 'main.js'], `server/${type}`)).toBe('Chat.Ended/9/typed 0');
    },
  );
});

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { findServer, type ServerPrograms } from '../../stack/cluster/find-server';
import { DYNAMIC_CONFIG } from '../../stack/start-temporal';

const run = promisify(execFile);
const folder = join('deploy', 'temporal');
const dynamicFile = join(folder, 'dynamic.yaml');

/** Undefined: what only the server itself can say is not asked. It is built by `npm run cluster`. */
let programs: ServerPrograms | undefined;

beforeAll(async () => {
  programs = await findServer();
});

/** The configuration as the server reads it. */
async function render(environment: Record<string, string>): Promise<Record<string, never>> {
  const args = ['--config', folder, '--env', 'temporal', 'render-config'];
  const { stdout } = await run(programs!.server, args, { env: environment });
  return parse(stdout);
}

it('the dev server of npm start has the settings that production has, and no limits on calls', async () => {
  const settings: Record<string, { value: unknown }[]> = parse(await readFile(dynamicFile, 'utf8'));
  const values = Object.fromEntries(Object.entries(settings).map(([name, [one]]) => [name, one?.value]));
  for (const [name, value] of Object.entries(DYNAMIC_CONFIG)) {
    if (/(RPS|rps|QPS)$/.test(name)) expect(Number(values[name] ?? 0)).toBeLessThan(10_000);
    else expect(values[name]).toBe(value);
  }
});

it('each line of the dynamic configuration is a setting that the server knows, with a value that it takes', async () => {
  if (!programs) return console.warn('Not asked: no Temporal server is built here (npm run cluster does).');
  // Its exit code is 0 whatever it finds.
  const { stdout, stderr } = await run(programs.server, ['validate-dynamic-config', dynamicFile]);
  expect(`${stdout}${stderr}`.trim()).toBe(dynamicFile);
});

it('the server reads its configuration from the environment, whatever is in a password', async () => {
  if (!programs) return console.warn('Not asked: no Temporal server is built here (npm run cluster does).');
  const environment = {
    CLUSTER_NAME: 'standby',
    FRONTEND_PORT: '8233',
    POSTGRES_PASSWORD: `a"b'c: {#$\\`,
    POSTGRES_DATABASE: 'b',
  };
  expect(await render(environment)).toMatchObject({
    clusterMetadata: { currentClusterName: 'standby', masterClusterName: 'standby', enableGlobalNamespace: false },
    persistence: {
      datastores: { main: { sql: { databaseName: 'b' } }, visibility: { sql: { databaseName: 'b_visibility' } } },
    },
    services: { frontend: { rpc: { grpcPort: 8233 } }, worker: { rpc: { grpcPort: 8236, membershipPort: 7936 } } },
  });
});

it('a server that is not told which cluster it is does not start', async () => {
  if (!programs) return console.warn('Not asked: no Temporal server is built here (npm run cluster does).');
  await expect(render({})).rejects.toThrow('CLUSTER_NAME is not set');
});

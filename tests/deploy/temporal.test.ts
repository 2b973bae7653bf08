import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { findServer, SERVER_ARGUMENTS, type ServerPrograms } from '../../stack/cluster/find-server';
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

it('a host has its address, its roles and the connections of all of them from the environment', async () => {
  if (!programs) return console.warn('Not asked: no Temporal server is built here (npm run cluster does).');
  const addresses = { CLUSTER_NAME: 'main', HOST_IP: '10.0.0.2', FRONTEND_IP: '0.0.0.0' };
  const config = await render({ ...addresses, ALLOW_ANY_CLIENT: 'true' });
  const at = (bindOnIP: string) => expect.objectContaining({ rpc: expect.objectContaining({ bindOnIP }) });
  expect(config).toMatchObject({
    global: { membership: { broadcastAddress: '10.0.0.2' }, authorization: { authorizer: '' } },
    persistence: {
      numHistoryShards: 512,
      datastores: { main: { sql: { maxConns: 12 } }, visibility: { sql: { maxConns: 4 } } },
    },
    services: { frontend: at('0.0.0.0'), 'internal-frontend': at('10.0.0.2'), history: at('10.0.0.2') },
  });
  const roles = SERVER_ARGUMENTS.filter((_, i) => SERVER_ARGUMENTS[i - 1] === '--service');
  expect(Object.keys(config['services']!).sort()).toEqual(roles.toSorted());
  const unit = await readFile(join('deploy', 'systemd', 'temporal@.service'), 'utf8');
  expect([...unit.matchAll(/--service (\S+)/g)].map(([, role]) => role)).toEqual(roles);

  const sets = ['http://127.0.0.1:7249/keys.json', 'https://login.example.com/keys'];
  const safe = await render({ CLUSTER_NAME: 'main', JWT_KEYS_URL: sets.join() });
  expect(safe).toMatchObject({
    global: {
      authorization: {
        authorizer: 'default',
        claimMapper: 'default',
        jwtKeyProvider: { keySourceURIs: sets },
      },
    },
  });
});

it('a server that is not told which cluster it is does not start', async () => {
  if (!programs) return console.warn('Not asked: no Temporal server is built here (npm run cluster does).');
  await expect(render({})).rejects.toThrow('CLUSTER_NAME is not set');
});

it('a server that would be open to a network does not start, unless that is said in so many words', async () => {
  if (!programs) return console.warn('Not asked: no Temporal server is built here (npm run cluster does).');
  const start = (variables: Record<string, string>) => render({ CLUSTER_NAME: 'main', ...variables });
  const open = { FRONTEND_IP: '0.0.0.0' };
  const keys = { JWT_KEYS_URL: 'https://login.example.com/keys' };
  await expect(start(open)).rejects.toThrow('neither JWT_KEYS_URL nor FRONTEND_TLS_CLIENT_CA is set');
  await expect(start({ ...open, JWT_KEY_URL: keys.JWT_KEYS_URL })).rejects.toThrow('neither JWT_KEYS_URL nor');
  await expect(start({ ...open, ...keys })).rejects.toThrow('FRONTEND_TLS_CERT is not set');
  await expect(start({ FRONTEND_TLS_CLIENT_CA: 'ca.pem' })).rejects.toThrow('without FRONTEND_TLS_CERT');
  await expect(start({ JWT_KEYS_URL: 'http://keys.example.com/' })).rejects.toThrow('https, or http on 127.0.0.1 only');
  await expect(start({ HOST_IP: '10.0.0.2', FRONTEND_IP: '127.0.0.1' })).rejects.toThrow(
    'INTERNODE_TLS_CERT is not set',
  );
  const certificate = { FRONTEND_TLS_CERT: 'a.pem', FRONTEND_TLS_KEY: 'a.key' };
  await start({ ...open, ...keys, ...certificate });
  await start({ ...open, ...certificate, FRONTEND_TLS_CLIENT_CA: 'ca.pem' });
  await start({ ...open, ALLOW_ANY_CLIENT: 'true' });
});

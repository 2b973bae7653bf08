import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClusters, toClusterOptions } from './clusters';
import { readConfig } from './config';

const read = (environment: Record<string, string>) =>
  readClusters(readConfig({ DATABASE_URL: 'postgresql://127.0.0.1/chat', ...environment }), environment);

it('has one cluster unless a second one is named', () => {
  expect(read({ TEMPORAL_ADDRESS: 'one:7233' })).toMatchObject([{ name: 'main', address: 'one:7233' }]);
});

it('takes the namespace of main for standby, unless it has one of its own', () => {
  const both = { TEMPORAL_NAMESPACE: 'chat', TEMPORAL_STANDBY_ADDRESS: 'two:7233' };
  expect(read(both)).toMatchObject([
    { name: 'main', namespace: 'chat' },
    { name: 'standby', namespace: 'chat', address: 'two:7233' },
  ]);
  expect(read({ ...both, TEMPORAL_STANDBY_NAMESPACE: 'other' })[1]).toMatchObject({ namespace: 'other' });
});

it('gives neither cluster the API key or the certificates of the other', () => {
  const [main, standby] = read({
    TEMPORAL_API_KEY: 'key of main',
    TEMPORAL_STANDBY_ADDRESS: 'two:7233',
    TEMPORAL_STANDBY_TLS: 'true',
    TEMPORAL_STANDBY_TLS_SERVER_NAME: 'two',
  });
  expect(main.connection).toMatchObject({ apiKey: 'key of main', tls: true });
  expect(standby?.connection).toMatchObject({
    apiKey: undefined,
    tls: { serverNameOverride: 'two' },
    address: 'two:7233',
  });
});

it('connects for calls as the Workers do, with certificates, API key and headers', () => {
  const [main] = read({ TEMPORAL_API_KEY: 'key', TEMPORAL_TLS_SERVER_NAME: 'one', TEMPORAL_GRPC_META_X_TEAM: 'chat' });
  const { name, namespace, address } = main;
  const expected = { name, namespace, address, apiKey: 'key', metadata: { 'x-team': 'chat' } };
  expect(toClusterOptions(main)).toMatchObject({ ...expected, tls: { serverNameOverride: 'one' } });
});

it('reads each cluster from a profile of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'profiles-'));
  const file = join(folder, 'temporal.toml');
  await writeFile(file, '[profile.one]\napi_key = "of one"\n[profile.two]\napi_key = "of two"\n');
  const [main, standby] = read({
    TEMPORAL_CONFIG_FILE: file,
    TEMPORAL_PROFILE: 'one',
    TEMPORAL_STANDBY_ADDRESS: 'two:7233',
    TEMPORAL_STANDBY_PROFILE: 'two',
  });
  expect([main.connection.apiKey, standby?.connection.apiKey]).toEqual(['of one', 'of two']);
  await rm(folder, { recursive: true });
});

it('wants names that tell the clusters apart', () => {
  const same = { TEMPORAL_STANDBY_ADDRESS: 'two:7233', TEMPORAL_CLUSTER_NAME: 'a', TEMPORAL_STANDBY_CLUSTER_NAME: 'a' };
  expect(() => read(same)).toThrow('TEMPORAL_STANDBY_CLUSTER_NAME: has to differ from TEMPORAL_CLUSTER_NAME');
});

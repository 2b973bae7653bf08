import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, readPolicies } from './config';
import { InvalidConfiguration } from './read-environment';

it('needs nothing but a database', () => {
  const config = readConfig({ DATABASE_URL: 'postgresql://user:secret@127.0.0.1:5432/chat', WORKER_PORT: '' });
  expect(config).toMatchObject({
    TEMPORAL_ADDRESS: '127.0.0.1:7233',
    TEMPORAL_CLUSTER_NAME: 'main',
    WORKER_PORT: 9464,
  });
});

it('names every mistake at once, and no value', () => {
  const environment = { WORKER_PORT: 'eighty', SWEEP_LIMIT: '0', LOG_LEVEL: 'loud-secret' };
  expect(() => readConfig(environment)).toThrow(InvalidConfiguration);
  expect(() => readConfig(environment)).toThrow(/DATABASE_URL: is not set[^]*WORKER_PORT[^]*SWEEP_LIMIT[^]*LOG_LEVEL/);
  expect(() => readConfig(environment)).not.toThrow(/eighty|loud-secret/);
});

it('takes secrets from files, and says which one it cannot read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  const file = join(folder, 'url');
  writeFileSync(file, 'postgresql://from-file/db\n');
  expect(readConfig({ DATABASE_URL_FILE: file }).DATABASE_URL).toBe('postgresql://from-file/db');
  expect(() => readConfig({ DATABASE_URL_FILE: file, DATABASE_URL: 'postgresql://x/y' })).toThrow(
    'DATABASE_URL_FILE: leave it out, or DATABASE_URL',
  );
  expect(() => readConfig({ DATABASE_URL_FILE: `${file}-gone` })).toThrow(/DATABASE_URL_FILE: .*ENOENT/);
  const two = { DATABASE_URL_FILE: `${file}-gone`, SECRETS_KEY_FILE: file, SECRETS_KEY: 'x' };
  expect(() => readConfig(two)).toThrow(/DATABASE_URL_FILE: .*ENOENT[^]*SECRETS_KEY_FILE: leave it out/);
  rmSync(folder, { recursive: true });
});

it('waits no longer between tries than it is told, but leaves webhooks their schedule', () => {
  const policies = readPolicies(
    readConfig({
      DATABASE_URL: 'postgresql://127.0.0.1/chat',
      LONGEST_RETRY_SECONDS: '3',
      WEBHOOK_RETRY_SECONDS: '5,300',
    }),
  );
  expect(policies('zendesk').delaysMs.slice(0, 4)).toEqual([1_000, 2_000, 3_000, 3_000]);
  expect(policies('webhook').delaysMs).toEqual([5_000, 300_000]);
});

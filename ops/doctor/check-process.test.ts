import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newSecretsKey } from '../../activities/connections/secret-box';
import { readPayloadKeys } from '../../client/payload-keys';
import { startS3 } from '../../tests/s3-server';
import { checkLargeEvents, checkPayloadKeys } from './check-process';

it('names the payload keys by their ids, the one that encrypts first', () => {
  const keys = readPayloadKeys({ PAYLOAD_KEY: `${newSecretsKey()} ${newSecretsKey()}` });
  const [first, second] = keys.map(({ id }) => id);
  expect(checkPayloadKeys(keys)).toMatchObject({ state: 'ok', found: `encrypts with ${first}, decrypts ${second}` });
  expect(checkPayloadKeys([])).toMatchObject({ found: 'none: events are readable in Temporal' });
});

it('tries a bucket as a worker uses it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 's3-'));
  const server = await startS3(dir, 'events');
  const before = { ...process.env };
  Object.assign(process.env, server.environment);
  expect(await checkLargeEvents('s3://events/large')).toMatchObject({
    state: 'ok',
    found: 's3://events/large can be written',
  });
  expect(await checkLargeEvents('s3://another')).toMatchObject({
    state: 'fail',
    found: expect.stringContaining('Make the bucket'),
  });
  process.env = before;
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

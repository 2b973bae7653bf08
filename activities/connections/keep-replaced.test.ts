import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { changeConnection, insertConnection, readConnection, resealConnection } from '../../db/connections';
import { createPool } from '../../db/pool';
import { onPool, type Tx } from '../../db/tx';
import { createDatabase } from '../../tests/database';
import { keepReplaced } from './keep-replaced';
import { openAccount } from './open-account';
import { createSecretBox, newSecretsKey } from './secret-box';

const secretBox = createSecretBox(newSecretsKey());
let database: Awaited<ReturnType<typeof createDatabase>>;
let pool: Pool;
let tx: Tx;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool(database.url);
  tx = onPool(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function connect(secrets: Readonly<Record<string, string>>) {
  const id = randomUUID();
  const { bytes, keyId } = secretBox.seal(id, secrets);
  await insertConnection(tx, {
    id,
    siteId: '1',
    consumer: 'salesforce',
    name: id,
    config: {},
    eventTypes: [],
    maxInFlight: 1,
    ratePerSecond: null,
    secrets: bytes,
    secretsKeyId: keyId,
  });
  return {
    id,
    keep: keepReplaced({ db: { readConnection, resealConnection }, tx, connectionId: id, secretBox }),
    secrets: async () => openAccount(id, (await readConnection(tx, id))!, secretBox).secrets,
  };
}
const was = (...tokens: string[]) =>
  ((secrets) => tokens.includes(secrets['token'] ?? '')) as Parameters<ReturnType<typeof keepReplaced>>[1];

it('keeps what was replaced, once and again, and leaves the others', async () => {
  const { keep, secrets } = await connect({ token: 'a', password: 'p' });
  await keep({ token: 'b' }, was('a'));
  await keep({ token: 'c' }, was('a', 'b'));
  expect(await secrets()).toEqual({ token: 'c', password: 'p' });
});

it('is no new edition of the connection, as what an operator changes is', async () => {
  const { id, keep } = await connect({ token: 'a' });
  await keep({ token: 'b' }, was('a'));
  const edition = async () =>
    (await pool.query<{ edition: number }>('select edition from connection where id = $1', [id])).rows[0]?.edition;
  expect(await edition()).toBe(1);
  const connection = (await readConnection(tx, id))!;
  await changeConnection(tx, id, connection.version, connection);
  expect(await edition()).toBe(2);
});

it('leaves what an operator has given meanwhile', async () => {
  const { keep, secrets } = await connect({ token: 'given' });
  await keep({ token: 'b' }, was('a'));
  expect(await secrets()).toEqual({ token: 'given' });
});

it('keeps both of two that are replaced at one moment', async () => {
  const { keep, secrets } = await connect({ token: 'a', other: 'x' });
  await Promise.all([keep({ token: 'b' }, was('a')), keep({ other: 'y' }, () => true)]);
  expect(await secrets()).toEqual({ token: 'b', other: 'y' });
});

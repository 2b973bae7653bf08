import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Pool } from 'pg';
import { createDatabase, type TestDatabase } from '../tests/database';
import { DatabaseClient } from './database-client';
import { createPool } from './pool';
import { DatabaseUnavailable, inTransaction, onPool } from './tx';

const READY_FOR_QUERY = 'Z'.charCodeAt(0);
const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command'];
const text = Buffer.from(`${fields.join('\0')}\0\0`);
const length = Buffer.alloc(4);
length.writeUInt32BE(4 + text.length);
/** What a server that is stopped tells a session. */
const TERMINATED = Buffer.concat([Buffer.from('E'), length, text]);

let test: TestDatabase;
let proxy: Server;
/** While it is true, the end of each answer brings the end of the session, in one piece. */
let isKilling = false;
const sockets = new Set<Socket>();

beforeAll(async () => {
  test = await createDatabase();
  const { hostname, port } = new URL(test.url);
  proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) sockets.add(socket.on('error', () => {}));
    client.pipe(server);
    server.on('data', (piece: Buffer) => {
      if (!isKilling || piece.at(-6) !== READY_FOR_QUERY) return void client.write(piece);
      client.end(Buffer.concat([piece, TERMINATED]));
      server.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  proxy.close();
  await test.drop();
});

beforeEach(() => (isKilling = false));

function throughProxy(): string {
  const url = new URL(test.url);
  url.hostname = '127.0.0.1';
  url.port = String((proxy.address() as AddressInfo).port); // it listens on a port
  return url.href;
}

async function withPool(work: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = createPool(throughProxy(), { max: 1 });
  try {
    await pool.query('select 1'); // connected
    await work(pool);
  } finally {
    await pool.end();
  }
}

const answer = { rows: [{ answer: 1 }] };
const ask = async (pool: Pool) => await onPool(pool).query('select 1 as answer', []);

it('outlives a session that ends between two uses, when a transaction waits for it', () =>
  withPool(async (pool) => {
    isKilling = true;
    const first = ask(pool);
    const next = inTransaction(pool, (tx) => tx.query('select 1'));
    expect(await first).toMatchObject(answer);
    await expect(next).rejects.toBeInstanceOf(DatabaseUnavailable);
    isKilling = false;
    expect(await ask(pool)).toMatchObject(answer);
  }));

it('outlives a session that ends between two uses, when a statement waits for it', () =>
  withPool(async (pool) => {
    isKilling = true;
    const [first, next] = [ask(pool), ask(pool)];
    expect(await first).toMatchObject(answer);
    await expect(next).rejects.toMatchObject({ code: '57P01' });
    isKilling = false;
    expect(await ask(pool)).toMatchObject(answer);
  }));

it('outlives a session that ends between the statements of a transaction', () =>
  withPool(async (pool) => {
    const broken = inTransaction(pool, async (tx) => {
      isKilling = true;
      await tx.query('select 1');
      return await tx.query('select 1');
    });
    await expect(broken).rejects.toBeInstanceOf(DatabaseUnavailable);
    isKilling = false;
    expect(await ask(pool)).toMatchObject(answer);
  }));

it('outlives the end of a session of its own', async () => {
  const client = new DatabaseClient({ connectionString: throughProxy() });
  await client.connect();
  const ended = new Promise<void>((resolve) => void client.once('end', resolve));
  isKilling = true;
  expect(await client.query('select 1 as answer')).toMatchObject(answer);
  await ended;
  await expect(client.query('select 1')).rejects.toThrow('not queryable');
  await client.end();
});

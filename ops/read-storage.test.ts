import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSize } from '../db/read-size';
import type { Tx } from '../db/tx';
import { readStorage } from './read-storage';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'data-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** A database that answers so. */
const answering = (size: Omit<DatabaseSize, 'bytes'>): Tx => ({
  query: async () => ({ rows: [{ bytes: 5_000, ...size }] as never[], rowCount: 1 }), // the rows of its only statement
});

it.each([
  ['by a socket', null],
  ['by an address of this machine', '127.0.0.1'],
])('looks at the disk of a server that is reached %s', async (_, serverAddress) => {
  const { bavail, blocks, bfree } = await statfs(dir);
  const { databaseBytes, diskUsed } = await readStorage(answering({ dataDirectory: dir, serverAddress }));
  expect([databaseBytes, diskUsed]).toEqual([5_000, expect.closeTo(1 - bavail / (blocks - bfree + bavail), 1)]);
});

it.each([
  ['is on another machine', { dataDirectory: tmpdir(), serverAddress: '203.0.113.7' }],
  ['keeps its folder to itself', { dataDirectory: null, serverAddress: null }],
  ['runs in a container of this machine', { dataDirectory: '/no/such/folder', serverAddress: '127.0.0.1' }],
])('says that the disk is not known where the server %s', async (_, size) => {
  expect(await readStorage(answering(size))).toEqual({ databaseBytes: 5_000, diskUsed: null });
});

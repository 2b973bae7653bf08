import { statfs } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { readSize } from '../db/read-size';
import type { Tx } from '../db/tx';

/** The database's size, and how full its disk is. */
export interface Storage {
  readonly databaseBytes: number;
  /** From 0 to 1; null = PostgreSQL does not tell it, and its folder is not on this machine. */
  readonly diskUsed: number | null;
}

/**
 * PostgreSQL knows its own size, but has no function for the free space of its disk. So the disk is looked at where the server is on
 * this machine, and its folder, which PostgreSQL names, is there.
 */
export async function readStorage(db: Tx): Promise<Storage> {
  const { bytes, dataDirectory, serverAddress } = await readSize(db);
  const isHere = serverAddress === null || addressesHere().includes(serverAddress);
  const disk = isHere && dataDirectory !== null ? await statfs(dataDirectory).catch(() => undefined) : undefined;
  // Blocks that only root may take are taken, too, for PostgreSQL.
  const diskUsed = disk === undefined ? null : 1 - disk.bavail / (disk.blocks - disk.bfree + disk.bavail);
  return { databaseBytes: bytes, diskUsed };
}

const addressesHere = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));

import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheFolder } from './cache-folder.mjs';

const STALE_AFTER_MS = 60 * 60_000;

/**
 * Does the work while no other process of this user does work of that name; waits for its turn, saying why.
 * A lock whose process is gone, or that is older than an hour, is ignored.
 */
export async function withLock(name, reason, work) {
  const lock = join(cacheFolder(), `${name}.lock`);
  mkdirSync(cacheFolder(), { recursive: true });
  for (let tries = 0; !take(lock); tries++) {
    if (tries === 0) process.stderr.write(`Set-up: waiting, ${reason} (${lock}) ...\n`);
    await pause(500);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (isStale(lock)) {
    // Renaming has one winner: of several that wait, only one clears the lock.
    const cleared = `${lock}.${process.pid}`;
    try {
      renameSync(lock, cleared);
      rmSync(cleared);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return false;
}

function isStale(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    const age = Date.now() - statSync(lock).mtimeMs;
    // An empty lock is being written at this moment.
    return age > STALE_AFTER_MS || (owner > 0 ? !isAlive(owner) : age > 10_000);
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

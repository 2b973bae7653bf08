import { spawnSync } from 'node:child_process';

/** Waits until a process has ended, without a turn of the event loop: its parent here has not been told then. */
export function waitUntilEnded(pid: number): void {
  for (;;) {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    if (stdout.trim() === '' || stdout.startsWith('Z')) return;
  }
}

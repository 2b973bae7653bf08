import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerProcess } from '../../../stack/spawn-server';

const WITHIN_MS = 60_000;

/** Resolves when the server takes connections. @throws when it ends, or does not within a minute */
export async function whenListening(port: number, server: ServerProcess): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await takesConnections(port))) {
    if (!server.running() || performance.now() > deadline) {
      await server.end(['SIGTERM', 5_000]);
      throw new Error(`A server of the benchmark does not listen on port ${port} (${await server.exited}).`);
    }
    await pause(50);
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.end());
  });
}

import { chmod, lstat, rm } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { IngressConfig } from './config';

/** Owner and group. */
const SOCKET_MODE = 0o660;

/**
 * Listens at the socket or the port of the configuration.
 *
 * @returns the address, such as `http://127.0.0.1:8787` or `unix:/run/ingress.sock`
 */
export async function listen(
  app: Pick<FastifyInstance, 'listen' | 'server'>,
  { INGRESS_SOCKET: path, INGRESS_HOST: host, INGRESS_PORT: port, INGRESS_TLS_CERT_FILE: cert }: IngressConfig,
): Promise<string> {
  if (path === undefined) {
    await app.listen({ host, port });
    const address = app.server.address() as AddressInfo; // it listens on TCP
    return `${cert === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  }
  if (await isLeft(path)) await rm(path, { force: true });
  await app.listen({ path });
  await chmod(path, SOCKET_MODE);
  return `unix:${path}`;
}

/** True for a socket of a process that was killed. Any other file stays as it is. */
async function isLeft(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() !== true) return false;
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}

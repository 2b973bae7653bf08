import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpBalancer {
  readonly address: string;
  close(): Promise<void>;
}

/** In front of several servers: each new connection goes to the first of them that takes it. */
export async function startTcpBalancer(
  servers: readonly { readonly host: string; readonly port: number }[],
): Promise<TcpBalancer> {
  const clients = new Set<Socket>();
  const connectToFirst = (client: Socket, [first, ...others]: typeof servers): void => {
    if (first === undefined) return void client.destroy();
    const server = connect(first);
    let isConnected = false;
    server.once('connect', () => {
      isConnected = true;
      client.pipe(server).pipe(client);
      client.once('close', () => server.destroy());
    });
    server.on('error', () => {});
    server.once('close', () => (isConnected ? client.destroy() : connectToFirst(client, others)));
  };
  const balancer = createServer((client) => {
    clients.add(client);
    client.on('error', () => {});
    client.once('close', () => clients.delete(client));
    connectToFirst(client, servers);
  });
  await once(balancer.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${(balancer.address() as AddressInfo).port}`, // a TCP server has no other kind
    async close() {
      const closed = once(balancer, 'close');
      balancer.close();
      for (const client of clients) client.destroy();
      await closed;
    },
  };
}

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly address: string;
  /** From now on the server's bytes are lost; the client's bytes arrive. */
  loseAnswers(): void;
  /** Cuts all connections; new ones work. */
  cut(): void;
  /** From now on no byte gets through, and no connection is closed, as when the network is gone. */
  freeze(): void;
  /** From now on no byte gets through on the open connections; new ones work. */
  hold(): void;
  /** Bytes that were held up go on. */
  thaw(): void;
  close(): Promise<void>;
}

/** A proxy between a client and a server that can lose or delay their bytes. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const [host, port] = target.split(':');
  const sockets = new Set<Socket>();
  let losing = false;
  let frozen = false;
  const proxy = createServer((client) => {
    const server = connect({ host: host ?? '', port: Number(port) });
    for (const [from, to] of [[client, server] as const, [server, client] as const]) {
      sockets.add(from);
      from.on('data', (bytes) => {
        if (!(losing && from === server)) to.write(bytes);
      });
      if (frozen) from.pause();
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = () => {
    losing = false;
    for (const socket of sockets) socket.destroy();
  };
  const hold = () => {
    for (const socket of sockets) socket.pause();
  };
  return {
    address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, // a TCP server has no other kind
    loseAnswers: () => (losing = true),
    cut,
    freeze() {
      frozen = true;
      hold();
    },
    hold,
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    async close() {
      const closed = once(proxy, 'close');
      proxy.close();
      cut();
      await closed;
    },
  };
}

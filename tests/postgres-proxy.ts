import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

const READY_FOR_QUERY = 'Z'.charCodeAt(0);
const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command'];
const text = Buffer.from(`${fields.join('\0')}\0\0`);
const length = Buffer.alloc(4);
length.writeUInt32BE(4 + text.length);
/** What a server that is stopped tells a session. */
const TERMINATED = Buffer.concat([Buffer.from('E'), length, text]);

export interface PostgresProxy {
  readonly url: string;
  /** While it is true, the end of each answer brings the end of its session, in one piece. */
  endsSessions: boolean;
  /** Ends all sessions, and each new one at once, until `restore`. */
  cut(): void;
  restore(): void;
  /** New sessions that were ended at once, so far. */
  readonly refused: number;
  /** Called for each of them. */
  onRefused: () => void;
  close(): void;
}

/** Stands before a PostgreSQL server and fails as a test says. */
export async function openPostgresProxy(serverUrl: string): Promise<PostgresProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const watch = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const destroyAll = (): void => sockets.forEach((socket) => socket.destroy());
  let isCut = false;
  let refused = 0;
  const server = createServer((client) => {
    if (isCut) {
      watch(client).destroy();
      refused += 1;
      return proxy.onRefused();
    }
    const upstream = watch(connect(Number(port), hostname));
    watch(client).pipe(upstream);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.end());
    upstream.on('data', (piece: Buffer) => {
      if (!proxy.endsSessions || piece.at(-6) !== READY_FOR_QUERY) return void client.write(piece);
      client.end(Buffer.concat([piece, TERMINATED]));
      upstream.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port); // it listens on a port
  const proxy: PostgresProxy = {
    url: url.href,
    endsSessions: false,
    cut() {
      isCut = true;
      destroyAll();
    },
    restore: () => void (isCut = false),
    get refused() {
      return refused;
    },
    onRefused: () => {},
    close() {
      destroyAll();
      server.close();
    },
  };
  return proxy;
}

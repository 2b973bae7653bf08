import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A fault instead of the usual answer. Done = the request has had its effect. */
export type Fault =
  /** Not done; this answer, such as an error, a page of HTML, or a redirect. */
  | FakeAnswer
  /** Done and answered, but only after so many milliseconds. */
  | { readonly slowMs: number }
  /** Done, and no answer until it is released. */
  | 'stall'
  /** Done and answered only when it is released, as a request that arrives late. */
  | 'hold'
  /** Done; the headers of the answer come, its body only when it is released. */
  | 'stall after headers'
  /** Not done: the connection ends before the request is read. */
  | 'reset'
  /** Done, and the connection ends before the answer: "commit, then drop". */
  | 'reset after'
  /** Done; 200, and a body that ends before its length. */
  | 'truncated'
  /** Done; 200, and a megabyte. */
  | 'huge';

/** A request as it came in. */
export interface FakeRequest {
  /** From 1, in order of arrival. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
}

export interface FakeServerOptions {
  /** Does as the request asks, and returns the answer. */
  readonly handle: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>;
  /** Called with every request that was read, with any answer; nothing is deduplicated. */
  readonly note?: (request: FakeRequest, fault: Fault | undefined) => void;
  /** Asked for each request, once its body is read; undefined = all goes well. */
  readonly fault?: ((request: FakeRequest) => Fault | undefined) | undefined;
  /** Default: any free one. */
  readonly port?: number;
}

/** A real HTTP server on 127.0.0.1 that fails as it is told. */
export async function startFakeServer({
  handle,
  note = () => {},
  fault = () => undefined,
  port = 0,
}: FakeServerOptions) {
  const play = (_: FakeRequest, answer: FakeAnswer): FakeAnswer => answer;
  /** May be changed while it runs. `play` gets the fake's answer and returns the one that is sent. */
  const script = { fault, play };
  /** Goes on with the requests that hang. */
  const hanging = new Map<ServerResponse, () => void>();
  const happenings = new EventTarget();
  const say = (name: string): boolean => happenings.dispatchEvent(new Event(name));
  let requests = 0;
  let sockets = 0;

  const server = createServer((message, response) => {
    void take(message, response).catch(() => message.destroy());
  });
  server.on('connection', () => (sockets += 1));

  async function take(message: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1;
    const number = requests;
    const bytes = await buffer(message);
    const { pathname: path, searchParams: query } = new URL(message.url ?? '/', 'http://fake');
    const { method = '', headers } = message;
    const request = { number, method, path, query, headers, bytes, body: bytes.toString() };
    const wanted = script.fault(request);
    if (wanted === 'reset') return void response.socket?.resetAndDestroy();
    note(request, wanted);
    say('arrival');
    if (typeof wanted === 'object' && 'status' in wanted) return end(response, wanted);
    const respond = async (): Promise<FakeAnswer> => script.play(request, await handle(request));
    const respondLate = async (): Promise<void> => end(response, await respond());
    if (wanted === 'hold') return hang(response, () => void respondLate());
    const answer = await respond();
    if (typeof wanted !== 'object') return misbehave(response, answer, wanted);
    await delay(wanted.slowMs);
    end(response, answer);
  }

  function misbehave(response: ServerResponse, answer: FakeAnswer, wanted: Exclude<Fault, object> | undefined): void {
    if (wanted === undefined) return end(response, answer);
    if (wanted === 'reset after') return void response.socket?.resetAndDestroy();
    if (wanted === 'huge') return end(response, { status: 200, body: 'x'.repeat(1_000_000) });
    if (wanted === 'truncated') {
      response.writeHead(200, { 'content-length': '1000' }).write('half');
      return void setImmediate(() => response.socket?.destroy());
    }
    if (wanted === 'stall after headers') {
      response.writeHead(answer.status, answer.headers).flushHeaders();
      return hang(response, () => response.end(answer.body));
    }
    hang(response, () => end(response, answer));
  }

  function hang(response: ServerResponse, goOn: () => void): void {
    hanging.set(response, goOn);
    response.once('close', () => hanging.has(response) && say('abandoned'));
    say('stalled');
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo; // it listens on TCP
  return {
    origin: `http://127.0.0.1:${address.port}`,
    script,
    requests: (): number => requests,
    /** Connections that were made. */
    sockets: (): number => sockets,
    /** Resolves with the next arrival, stall, or end of a stalled request by the other side. */
    next: async (what: 'arrival' | 'stalled' | 'abandoned'): Promise<void> => void (await once(happenings, what)),
    hanging: (): number => hanging.size,
    /** Goes on with the requests that hang, also where the other side has given up. */
    release(): void {
      const waiting = [...hanging.values()];
      hanging.clear();
      for (const goOn of waiting) goOn();
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function end(response: ServerResponse, { status, headers, body }: FakeAnswer): void {
  response.writeHead(status, headers).end(body);
}

/** A server on 127.0.0.1 that reads the head of a request and then answers as it is told, byte by byte, HTTP or not. */
export async function startRawServer(say: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', () => say(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    /** Those that are open. */
    sockets: (): number => sockets.size,
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

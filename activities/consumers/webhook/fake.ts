import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

/** What happens instead of 204. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** No answer, until it is released. */
  | 'stall'
  /** The connection ends before the request is read. */
  | 'reset'
  /** The connection ends after the request was read and kept. */
  | 'reset after'
  /** 200, and a body that ends before its length. */
  | 'truncated'
  /** 200, and a megabyte. */
  | 'huge';

/** A request as it came in, whatever was answered to it. */
export interface Arrival {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly id: string;
  /** By the package `standardwebhooks`, with the secret of the receiver. */
  readonly isVerified: boolean;
  /** What happened instead of 204. */
  readonly fault: Fault | undefined;
  readonly at: number;
}

export interface ReceiverOptions {
  readonly secret?: string;
  /** Asked for each request; undefined = all goes well. */
  readonly fault?: (request: number, id: string) => Fault | undefined;
}

export const EXAMPLE_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** A real endpoint on 127.0.0.1 that keeps every request, verifies it, and fails as it is told. Nothing is deduplicated. */
export async function startWebhookReceiver({ secret = EXAMPLE_SECRET, fault = () => undefined }: ReceiverOptions = {}) {
  const arrivals: Arrival[] = [];
  const hanging = new Set<ServerResponse>();
  const happenings = new EventTarget();
  const say = (name: string): boolean => happenings.dispatchEvent(new Event(name));
  const receiver = { fault };
  let requests = 0;
  let sockets = 0;

  const server = createServer((request, response) => {
    void take(request, response).catch(() => request.destroy());
  });

  server.on('connection', () => (sockets += 1));

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1;
    const id = String(request.headers['webhook-id']);
    const wanted = receiver.fault(requests, id);
    if (wanted === 'reset') return void request.socket.resetAndDestroy();
    const body = (await buffer(request)).toString();
    const { headers } = request;
    arrivals.push({ headers, body, id, isVerified: verifies(secret, body, headers), fault: wanted, at: Date.now() });
    say('arrival');
    answer(response, wanted);
  }

  function answer(response: ServerResponse, wanted: Fault | undefined): void {
    if (wanted === undefined) return void response.writeHead(204).end();
    if (wanted === 'reset' || wanted === 'reset after') return void response.socket?.resetAndDestroy();
    if (wanted === 'huge') return void response.writeHead(200).end('x'.repeat(1_000_000));
    if (wanted === 'truncated') {
      response.writeHead(200, { 'content-length': '1000' }).write('half');
      return void setImmediate(() => response.socket?.destroy());
    }
    if (wanted !== 'stall') return void response.writeHead(wanted.status, wanted.headers).end(wanted.body);
    hanging.add(response);
    response.once('close', () => {
      hanging.delete(response);
      say('abandoned');
    });
    say('stalled');
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}/hook`,
    /** May be changed while it runs. */
    receiver,
    arrivals,
    requests: (): number => requests,
    /** Connections that were made. */
    sockets: (): number => sockets,
    /** Resolves with the next arrival, stall, or end of a stalled request by the other side. */
    next: async (what: 'arrival' | 'stalled' | 'abandoned'): Promise<void> => void (await once(happenings, what)),
    hanging: (): number => hanging.size,
    /** Answers what hangs. */
    release(): void {
      for (const response of hanging) response.writeHead(204).end();
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function verifies(secret: string, body: string, headers: IncomingHttpHeaders): boolean {
  const texts = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  try {
    new Webhook(secret).verify(body, Object.fromEntries(texts));
    return true;
  } catch {
    return false;
  }
}

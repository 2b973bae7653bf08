import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { startFakeServer, type Fault } from '../../http/fake';

/** A request as it came in, with any answer. */
export interface Arrival {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly id: string;
  /** By the package `standardwebhooks`, with the secret of the receiver. */
  readonly isVerified: boolean;
  /** The fault instead of 204. */
  readonly fault: Fault | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface ReceiverOptions {
  readonly secret?: string;
  /** Asked for each request; undefined = all goes well. */
  readonly fault?: (request: number, id: string) => Fault | undefined;
  /** Default: any free one. */
  readonly port?: number;
}

export const EXAMPLE_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** A real endpoint on 127.0.0.1 that keeps every request, verifies it, and fails as it is told. Nothing is deduplicated. */
export async function startWebhookReceiver({
  secret = EXAMPLE_SECRET,
  fault = () => undefined,
  port = 0,
}: ReceiverOptions = {}) {
  const arrivals: Arrival[] = [];
  /** May be changed while it runs. */
  const receiver = { fault };
  const {
    origin,
    script: _,
    ...server
  } = await startFakeServer({
    handle: () => ({ status: 204 }),
    note({ headers, body }, met) {
      const isVerified = verifies(secret, body, headers);
      arrivals.push({ headers, body, id: idOf(headers), isVerified, fault: met, at: Date.now() });
    },
    fault: ({ number, headers }) => receiver.fault(number, idOf(headers)),
    port,
  });
  return { ...server, url: `${origin}/hook`, receiver, arrivals };
}

const idOf = (headers: IncomingHttpHeaders): string => String(headers['webhook-id']);

function verifies(secret: string, body: string, headers: IncomingHttpHeaders): boolean {
  const texts = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  try {
    new Webhook(secret).verify(body, Object.fromEntries(texts));
    return true;
  } catch {
    return false;
  }
}

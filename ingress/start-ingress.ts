import type { AddressInfo } from 'node:net';
import { pino, type Logger } from 'pino';
import { openPublisher } from '../client/create-publisher';
import type { IngressConfig } from './config';
import { createServer } from './create-server';
import { createRoutes } from './routes';
import { openTokens } from './tokens';

export interface RunningIngress {
  /** Such as `http://127.0.0.1:8787`. */
  readonly url: string;
  /** Takes no more requests, answers those at hand, and closes the journal. */
  stop(): Promise<void>;
}

/** Thrown when the sidecar cannot start as it is configured; the message says what to do. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/**
 * Starts the sidecar: an HTTP server over a publisher with a journal.
 *
 * @throws CannotStart
 */
export async function startIngress(
  config: IngressConfig,
  log: Logger = pino({ level: config.LOG_LEVEL }),
): Promise<RunningIngress> {
  const tokens = explained(
    () => openTokens(config.INGRESS_TOKENS_FILE, (problem) => log.error(problem)),
    `INGRESS_TOKENS_FILE ${config.INGRESS_TOKENS_FILE} cannot be read; make one with \`ops tokens add\``,
  );
  const publisher = explained(() => openPublisher(config.publisher), 'The publisher cannot be opened');
  const server = createServer({ routes: createRoutes(publisher), tokens, log });
  const { INGRESS_HOST: host, INGRESS_PORT: port } = config;
  const stop = async (): Promise<void> => {
    await server.close();
    await publisher.close();
    tokens.close();
  };
  try {
    await server.listen({ host, port });
  } catch (error) {
    await stop();
    const { code, message } = error as NodeJS.ErrnoException; // listen throws nothing else
    throw new CannotStart(
      `The sidecar cannot listen at ${host}:${port} (${code ?? message}). Set INGRESS_HOST or INGRESS_PORT.`,
    );
  }
  const address = server.server.address() as AddressInfo; // it listens on TCP
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`, stop };
}

function explained<T>(open: () => T, what: string): T {
  try {
    return open();
  } catch (cause) {
    throw new CannotStart(`${what}: ${(cause as Error).message}`, { cause }); // they throw nothing else
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { Server as TlsServer } from 'node:tls';
import { pino, type Logger } from 'pino';
import type { PublisherStatus } from '../client';
import { openPublisher } from '../client/create-publisher';
import type { IngressConfig } from './config';
import { createServer } from './create-server';
import { listen } from './listen';
import { createMetrics } from './metrics';
import { HeldBytes } from './read-body';
import { createRoutes } from './routes';
import { openTlsFiles, type TlsFiles } from './tls-files';
import { openTokens } from './tokens';

/** How long requests at hand may go on when it stops, in milliseconds. */
const GRACE_MS = 10_000;

export interface RunningIngress {
  /** Such as `http://127.0.0.1:8787`, or `unix:/run/ingress.sock`. */
  readonly url: string;
  /** Of its publisher. */
  status(): PublisherStatus;
  /** Takes no more connections, answers the requests at hand, and closes the journal. */
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
  const report = (problem: string): void => log.error(problem);
  const { INGRESS_TOKENS_FILE: tokensFile } = config;
  const tls = openTls(config, report);
  if (isOpen(config))
    log.warn('Tokens come over the network without TLS: set INGRESS_TLS_CERT_FILE, or listen on 127.0.0.1 only.');
  const tokens = explained(
    () => openTokens(tokensFile, report),
    `INGRESS_TOKENS_FILE ${tokensFile} cannot be read; make one with \`ops tokens add\``,
  );
  const publisher = explained(() => openPublisher(config.publisher), 'The publisher cannot be opened');
  const held = new HeldBytes();
  const metrics = createMetrics(() => held.bytes);
  const hasLargeEvents = config.LARGE_EVENTS_DIR !== undefined;
  const routes = createRoutes({ publisher, metrics });
  const server = createServer({ routes, tokens, log, held, metrics, hasLargeEvents, tls });
  const unwatch = server.server instanceof TlsServer ? tls?.serve(server.server) : undefined;
  const stop = async (): Promise<void> => {
    const ended = new AbortController();
    const grace = pause(GRACE_MS, undefined, ended).then(
      () => server.server.closeAllConnections(),
      () => {},
    );
    await server.close();
    ended.abort();
    await grace;
    await publisher.close();
    unwatch?.();
    tokens.close();
  };
  try {
    return { url: await listen(server, config), status: () => publisher.status(), stop };
  } catch (error) {
    await stop();
    const { INGRESS_SOCKET: path, INGRESS_HOST: host, INGRESS_PORT: port } = config;
    const { code, message } = error as NodeJS.ErrnoException; // listen throws nothing else
    const [where, which] =
      path === undefined ? [`${host}:${port}`, 'INGRESS_HOST or INGRESS_PORT'] : [path, 'INGRESS_SOCKET'];
    throw new CannotStart(`The sidecar cannot listen at ${where} (${code ?? message}). Set ${which}.`, {
      cause: error,
    });
  }
}

/** Others than this machine's processes can reach it, and listen. */
const isOpen = ({ INGRESS_SOCKET, INGRESS_TLS_CERT_FILE, INGRESS_HOST }: IngressConfig): boolean =>
  INGRESS_SOCKET === undefined && INGRESS_TLS_CERT_FILE === undefined && !/^(127\.|localhost$|::1$)/.test(INGRESS_HOST);

function openTls(config: IngressConfig, report: (problem: string) => void): TlsFiles | null {
  const { INGRESS_TLS_CERT_FILE: cert, INGRESS_TLS_KEY_FILE: key } = config;
  if (cert === undefined || key === undefined) return null;
  return explained(
    () => openTlsFiles(cert, key, report),
    'INGRESS_TLS_CERT_FILE and INGRESS_TLS_KEY_FILE cannot be used',
  );
}

function explained<T>(open: () => T, what: string): T {
  try {
    return open();
  } catch (cause) {
    throw new CannotStart(`${what}: ${(cause as Error).message}`, { cause }); // they throw nothing else
  }
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface HealthServerOptions {
  readonly port: number;
  readonly host: string;
  readonly isReady: () => boolean;
  readonly registry: Registry;
  /** Where the SDK serves its own metrics, on this machine. */
  readonly sdkMetricsUrl: string | undefined;
}

/** `/healthz` (the process runs), `/readyz` (it takes work), `/metrics` (Prometheus: ours and the SDK's), on one port. */
export async function startHealthServer(
  options: HealthServerOptions,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '/', options)
      .catch((error: unknown): [number, string] => [500, `${(error as Partial<Error> | null)?.name}\n`])
      .then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(body);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP, so this is no pipe's name
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(
  url: string,
  { isReady, registry, sdkMetricsUrl }: HealthServerOptions,
): Promise<[number, string]> {
  switch (url.split('?')[0]) {
    case '/healthz':
      return [200, 'ok\n'];
    case '/readyz':
      return isReady() ? [200, 'ready\n'] : [503, 'not taking work: the database or the cluster does not answer\n'];
    case '/metrics':
      return [200, (await registry.metrics()) + (await sdkMetrics(sdkMetricsUrl))];
    default:
      return [404, 'there are /healthz, /readyz and /metrics\n'];
  }
}

async function sdkMetrics(url: string | undefined): Promise<string> {
  if (url === undefined) return '';
  return await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.text(),
    () => '',
  );
}

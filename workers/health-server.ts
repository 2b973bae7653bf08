import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { ClusterState } from './serve-cluster';

/** The answer of `/readyz`. */
export interface Readiness {
  /** The worker takes work from at least one cluster. */
  readonly ready: boolean;
  /** The database answers. */
  readonly database: boolean;
  /** By name. */
  readonly clusters: Readonly<Record<string, ClusterState>>;
}

export interface HealthServerOptions {
  readonly port: number;
  readonly host: string;
  readonly readiness: () => Readiness;
  readonly registry: Registry;
  /** Where the SDK serves its own metrics, on this machine. */
  readonly sdkMetricsUrl: string | undefined;
}

/**
 * On one port: `/healthz` (the process runs), `/readyz` (200 while it takes work from at least one cluster, which its JSON names),
 * `/metrics` (Prometheus: ours and the SDK's).
 */
export async function startHealthServer(
  options: HealthServerOptions,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void answer(request.url ?? '/', options)
      .catch((error: unknown): Answer => [500, `${(error as Partial<Error> | null)?.name}\n`])
      .then(([status, body, type = 'text/plain; version=0.0.4; charset=utf-8']) => {
        response.writeHead(status, { 'content-type': type }).end(body);
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

/** Status, body, and its type where that is not plain text. */
type Answer = readonly [number, string, string?];

async function answer(url: string, { readiness, registry, sdkMetricsUrl }: HealthServerOptions): Promise<Answer> {
  switch (url.split('?')[0]) {
    case '/healthz':
      return [200, 'ok\n'];
    case '/readyz': {
      const now = readiness();
      return [now.ready ? 200 : 503, `${JSON.stringify(now)}\n`, 'application/json'];
    }
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

import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { createServer, type AddressInfo } from 'node:net';
import type { Logger } from 'pino';

let installed: Promise<string | undefined> | undefined;

/**
 * Sets up the SDK's one runtime of this process: its log lines go to `log`, its metrics to a port of its own on this
 * machine. Later calls change nothing.
 *
 * @returns address of the SDK's metrics
 */
export async function installRuntime(log: Logger): Promise<string | undefined> {
  return await (installed ??= install(log));
}

async function install(log: Logger): Promise<string> {
  const port = await freePort();
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  Runtime.install({
    // The SDK writes several info lines per event; ours say the same in one.
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      if (!message.startsWith(AS_INTENDED)) log[levels[level]](withoutErrors(meta), message);
    }),
    shutdownSignals: [], // the process decides when to stop
    telemetryOptions: {
      // By default the native part of the SDK writes to standard output.
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN' }) },
      metrics: { prometheus: { bindAddress: `127.0.0.1:${port}`, useSecondsForDurations: true } },
    },
  });
  return `http://127.0.0.1:${port}/metrics`;
}

/** The queues of the consumers have activities only. */
const AS_INTENDED = 'No workflows registered';

/** Errors of activities may quote data of the event; the log line of the attempt has type and message without it. */
function withoutErrors(meta: Record<string | symbol, unknown> | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(meta ?? {}).map(([name, value]) => [name, value instanceof Error ? value.name : value]),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}

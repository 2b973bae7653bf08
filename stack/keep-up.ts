import { setTimeout as delay } from 'node:timers/promises';

interface KeptServer {
  readonly name: string;
  /** `host:port` */
  readonly address: string;
  readonly server: {
    readonly ended: Promise<string>;
    restart(): Promise<void>;
  };
}

interface KeepUpOptions {
  readonly say: (line: string) => void;
  /** Aborted = it may end. */
  readonly signal: AbortSignal;
  /** Milliseconds between an end and the next start, so that a server that ends at once is not started in a tight loop. Default 10,000. */
  readonly afterMs?: number;
}

/** When a server ends by itself, says so and starts it again after a while. Resolves once `signal` is aborted and no start is under way. */
export async function keepUp(
  { name, address, server }: KeptServer,
  { say, signal, afterMs = 10_000 }: KeepUpOptions,
): Promise<void> {
  const mayEnd = new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('')));
  const what = `${name} (${address})`;
  while (!signal.aborted) {
    const how = await Promise.race([server.ended, mayEnd]);
    if (signal.aborted) return;
    say(`${what} has ended (${how}); it is started again in ${afterMs / 1000} s. Its log is in .data/.`);
    await delay(afterMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    await server.restart().then(
      () => say(`${what} is up again.`),
      (error: Error) => say(`${what} could not be started again. ${error.message}`),
    );
  }
}

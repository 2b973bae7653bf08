/** Ctrl-C reaches a program twice at once: from the terminal, and from npm. */
const ECHO_MS = 1_000;

/**
 * Resolves at the first SIGINT or SIGTERM, so that the caller can stop things in order. A later one ends the process at once; what it
 * has started ends with it.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      const now = performance.now();
      if (first !== undefined && now - first > ECHO_MS) process.exit(130);
      first ??= now;
      resolve(signal);
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}

/**
 * Resolves when the signal is aborted.
 *
 * @param listening its abortion ends the wait: the promise then never resolves, and the signal keeps no listener
 */
export async function aborted(signal: AbortSignal, listening?: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const onAbort = (): void => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    listening?.addEventListener('abort', () => signal.removeEventListener('abort', onAbort), { once: true });
  });
}

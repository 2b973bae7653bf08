/**
 * Resolves when the signal is aborted.
 *
 * @param listening its abortion ends the wait, which then never resolves, and keeps nothing of who waited
 */
export async function aborted(signal: AbortSignal, listening?: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const onAbort = (): void => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    listening?.addEventListener('abort', () => signal.removeEventListener('abort', onAbort), { once: true });
  });
}

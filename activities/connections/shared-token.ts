/** A token is replaced so long before its end, in milliseconds. */
export const RENEWED_BEFORE_MS = 60_000;

/** When a token that lasts so long is replaced, in milliseconds: one that lasts shorter than two minutes after half of it. */
export const renewedAfterMs = (lastsMs: number): number => Math.max(lastsMs / 2, lastsMs - RENEWED_BEFORE_MS);

/** One request at a time serves all deliveries that ask; its token serves later ones, too, until it is dropped. */
export function createSharedToken<T>() {
  let current: Promise<T> | undefined;
  return {
    async find(request: () => Promise<T>): Promise<T> {
      const one = (current ??= request());
      try {
        return await one;
      } catch (error) {
        if (current === one) current = undefined;
        throw error;
      }
    },
    drop(): void {
      current = undefined;
    },
  };
}

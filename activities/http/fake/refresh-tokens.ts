interface Options {
  readonly first: string;
  readonly make: () => string;
  /** True: each use replaces the token. */
  readonly isRotating: () => boolean;
  /** A use waits for this before it is answered. */
  readonly beforeAnswer: () => Promise<void>;
  /** One that was replaced has come back: it may have been stolen, and nothing that it has led to is good any more. */
  readonly onReuse: () => void;
}

type Use = { readonly refused: 'unknown' | 'being used' } | { readonly refused?: never; readonly token: string };

/** A service's refresh token: one use at a time; with rotation, an old one that comes back ends its successors. */
export function createRefreshTokens({ first, make, isRotating, beforeAnswer, onReuse }: Options) {
  let current: string | undefined = first;
  let isBusy = false;
  const replaced = new Set<string>();
  return {
    first,
    /** As its user does, who signs in anew. @returns the token that is good from now on */
    begin: (): string => (current = make()),
    /** Undefined: none is good any more. */
    current: (): string | undefined => current,
    revoke: (): void => void (current = undefined),
    async use(sent: string): Promise<Use> {
      if (replaced.has(sent)) {
        current = undefined;
        onReuse();
      }
      if (sent !== current) return { refused: 'unknown' };
      if (isBusy) return { refused: 'being used' };
      isBusy = true;
      await beforeAnswer();
      isBusy = false;
      if (isRotating()) {
        replaced.add(sent);
        current = make();
      }
      return { token: current };
    },
  };
}

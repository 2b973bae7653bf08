/** The credentials of a connection, as they are now. */
export interface SignIn {
  readonly secrets: Readonly<Record<string, string>>;
  /** The result of the last sign-in; null: none is kept. */
  readonly token: SignInToken | null;
  /** Milliseconds until the token expires; Infinity: not known. */
  readonly leftMs: number;
}

/** An access token, with further values that the consumer keeps beside it. */
export interface SignInToken {
  readonly accessToken: string;
  readonly [more: string]: string;
}

/** The result of a sign-in by a refresh token. */
export interface Renewed {
  readonly token: SignInToken;
  /** Milliseconds until the token expires; null: not known. */
  readonly lastsMs: number | null;
  /** Replaces the refresh token that was sent; undefined: that one stays valid. */
  readonly refreshToken?: string | undefined;
  /** Milliseconds until the refresh token expires, if it is not used; null: not known. */
  readonly refreshLastsMs: number | null;
}

/** The right to renew a sign-in: one worker has it at a time, and it ends by itself. */
export interface Lease {
  readonly id: string;
  readonly signIn: SignIn;
  /** True when the worker that had it before did not give it back: it ended, hung, or got no answer in time. */
  readonly wasAbandoned: boolean;
}

/** The sign-in of a connection, which all workers share. See renew-sign-in.ts. */
export interface SignInStore {
  read(): Promise<SignIn>;
  /** @returns the lease; or for how many milliseconds another worker may have it */
  take(forMs: number): Promise<Lease | { readonly waitMs: number }>;
  /** Called when the renewal has failed. */
  giveBack(lease: Lease): Promise<void>;
  /**
   * Seals it into the connection.
   *
   * @param sent the refresh token that it was given for
   * @returns false when the connection has another refresh token by now, which stays
   */
  keep(renewed: Renewed, sent: string, lease: Pick<Lease, 'id'>): Promise<boolean>;
}

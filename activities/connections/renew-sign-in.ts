import { setTimeout as delay } from 'node:timers/promises';
import type { Lease, Renewed, SignIn, SignInStore, SignInToken } from './sign-in';
import { DeliveryFailure } from '../failures';

/** A token is replaced so long before its end, in milliseconds. */
export const RENEWED_BEFORE_MS = 60_000;

/** All in milliseconds. */
export interface RenewalTimes {
  /** A worker has the lease for so long at most: longer than a sign-in and its writing may take. Default 30,000. */
  readonly leaseMs: number;
  /** A delivery waits so long for the sign-in of another worker; then it comes back later. Default 10,000. */
  readonly waitsMs: number;
  /** Between two looks at the sign-in of another worker, on average. Default 250. */
  readonly lookEveryMs: number;
  /** Before a refused refresh token is tried again, on average; twice as long before the third time. Default 500. */
  readonly againMs: number;
}

const defaults: RenewalTimes = {
  leaseMs: 30_000,
  waitsMs: 10_000,
  lookEveryMs: 250,
  againMs: 500,
};

/** A service refuses a refresh token for a moment after another worker has used it: refused so often, the token is revoked. */
const MOST_TRIES = 3;

type GoodSignIn = SignIn & { readonly token: SignInToken };

interface Wanted {
  readonly store: SignInStore;
  /** The access token that the destination takes no more: another one is wanted. */
  readonly refused: string | undefined;
  /** Signs in by the refresh token of these secrets, once. @throws DeliveryFailure ConnectionBroken when that is refused */
  readonly refresh: (secrets: SignIn['secrets']) => Promise<Renewed>;
}

/**
 * Finds the access token that all workers share, or signs in for all of them, under a lease: one worker at a time. A new refresh token
 * is stored before its access token is used. A session has one of these, as it remembers the sign-in that it could not store.
 *
 * @param destination as people call it: "Salesforce"
 */
export function createRenewal(destination: string, given: Partial<RenewalTimes> = {}) {
  const times = { ...defaults, ...given };
  let unstored: { readonly renewed: Renewed; readonly sent: string; readonly lease: Lease } | undefined;

  /** Undefined where the connection has got another refresh token meanwhile. */
  async function storeRenewed(store: SignInStore): Promise<GoodSignIn | undefined> {
    if (unstored === undefined) return undefined;
    const { renewed, sent, lease } = unstored;
    const isKept = await store.keep(renewed, sent, lease);
    unstored = undefined;
    if (!isKept) {
      await store.giveBack(lease);
      return undefined;
    }
    return { secrets: lease.signIn.secrets, token: renewed.token, leftMs: renewed.lastsMs ?? Infinity };
  }

  async function renew({ store, refused, refresh }: Wanted, lease: Lease): Promise<GoodSignIn | undefined> {
    const { signIn } = lease;
    if (isGood(signIn, refused)) {
      await store.giveBack(lease);
      return signIn;
    }
    const sent = signIn.secrets['refreshToken'] ?? '';
    try {
      unstored = { renewed: await refresh(signIn.secrets), sent, lease };
    } catch (error) {
      if (!mayGoOn(error)) await store.giveBack(lease);
      throw error;
    }
    return await storeRenewed(store);
  }

  return async function findToken(wanted: Wanted): Promise<GoodSignIn> {
    const { store, refused } = wanted;
    await storeRenewed(store);
    const waitsUntil = performance.now() + times.waitsMs;
    let wasAbandoned = false;
    for (let tries = 0; ;) {
      const stored = await store.read();
      if (isGood(stored, refused)) return stored;
      const lease = await store.take(times.leaseMs);
      if ('waitMs' in lease) {
        if (performance.now() > waitsUntil) throw renewedElsewhere(destination, lease.waitMs);
        await delay(aboutMs(times.lookEveryMs));
        continue;
      }
      wasAbandoned ||= lease.wasAbandoned;
      tries += 1;
      try {
        const signIn = await renew(wanted, lease);
        if (signIn !== undefined) return signIn;
        if (tries >= MOST_TRIES) throw renewedElsewhere(destination, times.againMs);
      } catch (error) {
        if (!(error instanceof DeliveryFailure) || error.type !== 'ConnectionBroken') throw error;
        if (tries >= MOST_TRIES) {
          if (await hasAnother(store, lease.signIn)) throw renewedElsewhere(destination, times.againMs);
          throw wasAbandoned ? lost(destination, error) : error;
        }
        await delay(aboutMs(times.againMs * tries));
      }
    }
  };
}

function isGood(signIn: SignIn, refused: string | undefined): signIn is GoodSignIn {
  const { token, leftMs } = signIn;
  return token !== null && token.accessToken !== refused && leftMs > RENEWED_BEFORE_MS;
}

/** True when another worker has stored a new refresh token since: that one was not refused. */
const hasAnother = async (store: SignInStore, { secrets }: SignIn): Promise<boolean> =>
  (await store.read()).secrets['refreshToken'] !== secrets['refreshToken'];

/** The destination may still work on a request that has timed out: until the lease ends, no worker sends it the same token. */
const mayGoOn = (error: unknown): boolean => error instanceof DeliveryFailure && error.details['code'] === 'TIMEOUT';

/** Half to one and a half times as long, so that workers do not ask at the same moment. */
const aboutMs = (ms: number): number => ms * (0.5 + Math.random());

const renewedElsewhere = (destination: string, retryAfterMs: number): DeliveryFailure =>
  new DeliveryFailure('Unavailable', `Another worker is signing in to ${destination}; the delivery is tried again.`, {
    ours: true,
    retryAfterMs: Math.max(retryAfterMs, 1_000),
  });

function lost(destination: string, cause: DeliveryFailure): DeliveryFailure {
  const message = `A worker stopped, or got no answer, while it signed in to ${destination}: the new refresh token is lost, and ${destination} refuses the old one. Sign in anew, and give the new refresh token with \`ops connections mend\`.`;
  return new DeliveryFailure('ConnectionBroken', message, { details: cause.details, cause });
}

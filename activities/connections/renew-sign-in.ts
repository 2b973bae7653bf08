import { setTimeout as delay } from 'node:timers/promises';
import type { Lease, Renewed, SignIn, SignInStore } from '../consumer';
import { DeliveryFailure } from '../failures';
import { RENEWED_BEFORE_MS } from './shared-token';

/** All in milliseconds. */
export interface RenewalTimes {
  /** A token is replaced so long before its end. Default 60,000. */
  readonly beforeEndMs: number;
  /** One worker has the right to renew for so long at most: longer than a sign-in may take, and its writing. Default 30,000. */
  readonly leaseMs: number;
  /** Another worker's renewal is waited for, before the delivery comes back for it. Default 10,000. */
  readonly waitsMs: number;
  /** Between two looks at another's renewal, on average. Default 250. */
  readonly lookEveryMs: number;
  /** Before a refused refresh token is tried again, on average; twice as long before the third time. Default 500. */
  readonly againMs: number;
}

const defaults: RenewalTimes = {
  beforeEndMs: RENEWED_BEFORE_MS,
  leaseMs: 30_000,
  waitsMs: 10_000,
  lookEveryMs: 250,
  againMs: 500,
};

/** A refresh token is refused for a moment where another has just used it: it is revoked when it is refused so often. */
const MOST_TRIES = 3;

interface Wanted {
  readonly store: SignInStore;
  /** The access token that the destination takes no more: another one is wanted. */
  readonly refused: string | undefined;
  /** Signs in by the refresh token of these secrets, once. @throws DeliveryFailure ConnectionBroken when that is refused */
  readonly refresh: (secrets: SignIn['secrets']) => Promise<Renewed>;
}

/**
 * Finds an access token that all workers share, or signs in for all of them, as the only one at that time. What a service gives in
 * the place of a refresh token is stored before it is used. One of these belongs to a session: it remembers what it could not store.
 *
 * @param destination whom people call so: "Salesforce"
 */
export function createRenewal(destination: string, given: Partial<RenewalTimes> = {}) {
  const times = { ...defaults, ...given };
  let unstored: { readonly renewed: Renewed; readonly sent: string; readonly lease: Lease } | undefined;

  /** Undefined where the connection has another refresh token meanwhile. */
  async function storeRenewed(store: SignInStore): Promise<SignIn | undefined> {
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

  async function renew({ store, refused, refresh }: Wanted, lease: Lease): Promise<SignIn | undefined> {
    if (isGood(lease.signIn, refused)) {
      await store.giveBack(lease);
      return lease.signIn;
    }
    const sent = lease.signIn.secrets['refreshToken'] ?? '';
    try {
      unstored = { renewed: await refresh(lease.signIn.secrets), sent, lease };
    } catch (error) {
      if (!mayGoOn(error)) await store.giveBack(lease);
      throw error;
    }
    return await storeRenewed(store);
  }

  const isGood = ({ token, leftMs }: SignIn, refused: string | undefined): boolean =>
    token !== null && token.accessToken !== refused && leftMs > times.beforeEndMs;

  return async function findToken(wanted: Wanted): Promise<SignIn> {
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

/** What was refused says nothing of the refresh token that another one has stored since. */
const hasAnother = async (store: SignInStore, { secrets }: SignIn): Promise<boolean> =>
  (await store.read()).secrets['refreshToken'] !== secrets['refreshToken'];

/** Without an answer in time the destination may still be working on it: until the right ends, no other worker sends it the same token. */
const mayGoOn = (error: unknown): boolean => error instanceof DeliveryFailure && error.details['code'] === 'TIMEOUT';

/** From half of it to one and a half, so that workers do not come at the same moment. */
const aboutMs = (ms: number): number => ms * (0.5 + Math.random());

const renewedElsewhere = (destination: string, retryAfterMs: number): DeliveryFailure =>
  new DeliveryFailure('Unavailable', `Another worker signs in to ${destination} at this moment; it is tried again.`, {
    ours: true,
    retryAfterMs: Math.max(retryAfterMs, 1_000),
  });

function lost(destination: string, cause: DeliveryFailure): DeliveryFailure {
  const message = `A worker ended, or got no answer, while it signed in to ${destination}: the refresh token that it was given is lost, and the one before is refused. Sign in anew, and give the new one with \`ops connections mend\`.`;
  return new DeliveryFailure('ConnectionBroken', message, { details: cause.details, cause });
}

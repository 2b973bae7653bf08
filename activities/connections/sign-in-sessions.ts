import { setTimeout as delay } from 'node:timers/promises';
import type { Renewed, SignIn, SignInStore, SignInToken } from './sign-in';
import { createRenewal, RENEWED_BEFORE_MS } from './renew-sign-in';

/** The access token that all deliveries of one connection share in this process. */
export interface SignInSession {
  /**
   * Signs in where there is no token, where it is about to end, or where it is the `refused` one. One sign-in serves all deliveries
   * that ask meanwhile.
   *
   * @throws DeliveryFailure ConnectionBroken when the destination refuses the account
   */
  token(store: SignInStore, refused?: string): Promise<SignInToken>;
  /** True where that token is in use. */
  holds(accessToken: string): boolean;
  /** The next call of `token` signs in anew, where that token is in use. @returns false when it is not */
  drop(accessToken: string): boolean;
}

interface SessionOptions {
  /** True: all workers share one sign-in, by a refresh token. False: each worker signs in on its own. */
  readonly isShared: boolean;
  /** Of the connection. */
  readonly secrets: SignIn['secrets'];
  /** Signs in once, by these secrets. @throws DeliveryFailure ConnectionBroken when they are refused */
  readonly signIn: (secrets: SignIn['secrets']) => Promise<Renewed>;
  /** True, as for a check: the first call signs in although a token is stored. Default: false. */
  readonly isAlone?: boolean | undefined;
}

interface Held {
  readonly token: SignInToken;
  /** When it is replaced, of `performance.now()`. */
  readonly replacedAt: number;
}

/** Longest wait for the sign-ins that are under way when the process stops, in milliseconds: a request has 15 s. */
const END_WITHIN_MS = 15_000;

/**
 * The sign-ins of one consumer in this process.
 *
 * @param destination as people call it: "Salesforce"
 */
export function createSignIns(destination: string) {
  const underWay = new Set<Promise<unknown>>();

  async function untilEnd<T>(work: Promise<T>): Promise<T> {
    underWay.add(work);
    return await work.finally(() => underWay.delete(work));
  }

  function open({ isShared, secrets, signIn, isAlone = false }: SessionOptions): SignInSession {
    const findToken = createRenewal(destination);
    /** The sign-in that is under way, or was the last. */
    let current: Promise<Held> | undefined;
    let held: Held | undefined;
    /** The last token that the destination has stopped taking; another worker may hold it still. */
    let over: string | undefined;

    const holds = (accessToken: string): boolean => held?.token.accessToken === accessToken;
    const drop = (accessToken: string): boolean => {
      if (!holds(accessToken)) return false;
      over = accessToken;
      held = current = undefined;
      return true;
    };

    async function begin(store: SignInStore): Promise<Held> {
      if (!isShared) {
        const { token, lastsMs } = await signIn(secrets);
        return hold(token, lastsMs ?? Infinity);
      }
      const refused = over ?? (isAlone ? (await store.read()).token?.accessToken : undefined);
      const { token, leftMs } = await findToken({ store, refused, refresh: signIn });
      return hold(token, leftMs);
    }

    return {
      holds,
      drop,
      async token(store, refused) {
        const isOver = held !== undefined && performance.now() > held.replacedAt;
        if (held !== undefined && (isOver || held.token.accessToken === refused)) drop(held.token.accessToken);
        const one = (current ??= untilEnd(begin(store)));
        try {
          const given = await one;
          if (current === one) held = given;
          return given.token;
        } catch (error) {
          if (current === one) current = undefined;
          throw error;
        }
      },
    };
  }

  /** Resolves when none is under way, and the tokens of each are stored; after 15 seconds in any case. */
  const settled = async (): Promise<void> => {
    const ended = new AbortController();
    const inTime = delay(END_WITHIN_MS, undefined, { signal: ended.signal }).catch(() => {});
    await Promise.race([Promise.allSettled(underWay), inTime]);
    ended.abort();
  };

  return { open, settled };
}

/** A token that lasts less than two minutes is replaced after half of its time. */
function hold(token: SignInToken, leftMs: number): Held {
  return { token, replacedAt: performance.now() + Math.max(leftMs / 2, leftMs - RENEWED_BEFORE_MS) };
}

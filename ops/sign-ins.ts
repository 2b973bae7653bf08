import { askUntil } from '../activities/ask-until';
import type { SecretBox } from '../activities/connections/secret-box';
import { openSignInStore, signInOf } from '../activities/connections/sign-in-store';
import type { SignIn, SignInStore } from '../activities/connections/sign-in';
import type { Account, ConnectionKind } from '../activities/consumer';
import { DeliveryFailure } from '../activities/failures';
import { readConnection } from '../db/connections';
import { withStatements } from '../db/database';
import type { Tx } from '../db/tx';
import { CommandFailure } from './output';

type Secrets = Readonly<Record<string, string>>;

/** How long the database is asked to take a new refresh token, which is lost with this process. */
const STORED_WITHIN_MS = 60_000;

export const askForLong = async <T>(ask: () => Promise<T>): Promise<T> =>
  await askUntil(performance.now() + STORED_WITHIN_MS, ask);

/** The sign-in that a connection's workers share. */
export function sharedSignIn(tx: Tx, connectionId: string, secretBox: SecretBox): SignInStore {
  return openSignInStore({ db: withStatements(tx), connectionId, secretBox });
}

/** @param endsInMs milliseconds until the credential ends, as the destination has just said; null: it said nothing */
export const endOf = (kind: ConnectionKind, account: Account, endsInMs: number | null = null): Date | null =>
  endsInMs === null ? (kind.endsAt?.(account) ?? null) : new Date(Date.now() + endsInMs);

interface Checked {
  readonly says: string | null;
  /** The error of a sign-in that is to be stored all the same. */
  readonly failure?: Error;
}

interface Mended {
  readonly tx: Tx;
  readonly connectionId: string;
  readonly secretBox: SecretBox;
  readonly kind: ConnectionKind;
  readonly config: unknown;
  readonly secrets: Secrets;
  readonly before: Partial<Secrets>;
  /** Really connects. */
  readonly check: (signIn: SignInStore) => Promise<string>;
}

/** The operator's input, to be checked and stored. A refresh token that stays is shared with workers that sign in by it meanwhile. */
export function mendSignIn({ tx, connectionId, secretBox, kind, config, secrets, before, check }: Mended) {
  const { refreshToken } = secrets;
  if (refreshToken === undefined || refreshToken !== before['refreshToken']) {
    const { store, secrets: given, endsInMs } = signInOf(secrets);
    const isReplaced = (): boolean => given()['refreshToken'] !== refreshToken;
    return {
      check: async (): Promise<Checked> => {
        try {
          return { says: await check(store) };
        } catch (error) {
          if (!isReplaced()) throw error; // otherwise the only valid refresh token is the one in memory
          const message = `${(error as Error).message} The new configuration and secrets are stored all the same, as the check has replaced the refresh token.`;
          const cause = { cause: error };
          const failure =
            error instanceof DeliveryFailure
              ? new DeliveryFailure(error.type, message, cause)
              : new CommandFailure(message, cause);
          return { says: null, failure };
        }
      },
      secrets: async () => given(),
      endsAt: async () => endOf(kind, { config, secrets }, endsInMs()),
    };
  }
  const shared = sharedSignIn(tx, connectionId, secretBox);
  const withGiven = (signIn: SignIn): SignIn => ({
    ...signIn,
    secrets: { ...secrets, refreshToken: signIn.secrets['refreshToken'] ?? refreshToken },
  });
  const store: SignInStore = {
    ...shared,
    read: async () => withGiven(await shared.read()),
    take: async (forMs) => {
      const taken = await shared.take(forMs);
      return 'waitMs' in taken ? taken : { ...taken, signIn: withGiven(taken.signIn) };
    },
  };
  return {
    check: async (): Promise<Checked> => ({ says: await check(store) }),
    secrets: async () => (await store.read()).secrets,
    endsAt: async () => (await readConnection(tx, connectionId))?.endsAt ?? null,
  };
}

import { randomUUID } from 'node:crypto';
import type { Statements } from '../../db/database';
import type { SealedSignIn } from '../../db/sign-ins';
import type { SignIn, SignInStore, SignInToken } from './sign-in';
import { askUntil } from '../ask-until';
import { DeliveryFailure } from '../failures';
import { openAccount } from './open-account';
import type { SecretBox } from './secret-box';

interface Stored {
  readonly db: Pick<Statements, 'readSignIn' | 'takeRenewal' | 'giveRenewalBack' | 'writeSignIn'>;
  readonly connectionId: string;
  readonly secretBox: SecretBox;
}

/** Tokens of a destination that are not stored are lost with this process: the database is asked for so long, in milliseconds. */
const STORED_WITHIN_MS = 60_000;

/** A connection's sign-in in its row. Secrets that an operator has given meanwhile are not replaced. */
export function openSignInStore({ db, connectionId, secretBox }: Stored): SignInStore {
  const open = (sealed: SealedSignIn): SignIn => ({
    secrets: openAccount(connectionId, { ...sealed, config: null }, secretBox).secrets as Record<string, string>, // they were sealed so
    token: openToken(sealed),
    leftMs: sealed.tokenLeftMs ?? Infinity,
  });

  /** Null: there is none, or its key is not here any more; the next sign-in gives another. */
  function openToken({ token: bytes, secretsKeyId: keyId }: SealedSignIn): SignInToken | null {
    if (bytes === null || keyId === null) return null;
    try {
      return secretBox.open(tokenOf(connectionId), { keyId, bytes }) as SignInToken; // it was sealed from one
    } catch {
      return null;
    }
  }

  async function keep(...given: Parameters<SignInStore['keep']>): Promise<boolean> {
    const [{ token, lastsMs, refreshToken, refreshLastsMs }, sent, lease] = given;
    const row = found(await db.readSignIn(connectionId));
    const { secrets } = open(row);
    const fresh = refreshToken ?? sent;
    if (![sent, fresh].includes(secrets['refreshToken'] ?? '')) return false;
    const { bytes, keyId } = secretBox.seal(connectionId, { ...secrets, refreshToken: fresh });
    const renewed = {
      secrets: bytes,
      secretsKeyId: keyId,
      token: secretBox.seal(tokenOf(connectionId), token).bytes,
      tokenLastsMs: lastsMs,
      endsInMs: refreshLastsMs,
      isChanged: secrets['refreshToken'] !== fresh,
    };
    const isWritten = await db.writeSignIn({ id: connectionId, version: row.version }, renewed, lease.id);
    return isWritten || (await keep(...given));
  }

  return {
    read: async () => open(found(await db.readSignIn(connectionId))),
    async take(forMs) {
      const id = randomUUID();
      const row = found(await db.takeRenewal(connectionId, id, forMs));
      if (!row.isTaken) return { waitMs: row.waitMs };
      return { id, signIn: open(row), wasAbandoned: row.wasAbandoned };
    },
    giveBack: ({ id }) => db.giveRenewalBack(connectionId, id),
    keep: (...given) => askUntil(performance.now() + STORED_WITHIN_MS, () => keep(...given)),
  };
}

/** The purpose that the token is sealed with: not that of the secrets, so that neither opens in the place of the other. */
const tokenOf = (connectionId: string): string => `${connectionId}/token`;

function found<T>(row: T | undefined): T {
  if (row !== undefined) return row;
  throw new DeliveryFailure('InvalidConfig', 'Its connection was removed; discard the delivery.');
}

/** The sign-in of secrets that are not stored, such as before a connection is added: in the memory of this process. */
export function signInOf(given: unknown) {
  let signIn: SignIn = { secrets: given as Record<string, string>, token: null, leftMs: Infinity }; // a schema has read them
  let endsInMs: number | null = null;
  const store: SignInStore = {
    read: async () => signIn,
    take: async () => ({ id: '', signIn, wasAbandoned: false }),
    giveBack: async () => {},
    async keep({ token, lastsMs, refreshToken, refreshLastsMs }, sent) {
      const secrets = { ...signIn.secrets, refreshToken: refreshToken ?? sent };
      signIn = { secrets, token, leftMs: lastsMs ?? Infinity };
      endsInMs = refreshLastsMs;
      return true;
    },
  };
  return {
    store,
    secrets: () => signIn.secrets,
    /** Milliseconds until the refresh token ends by itself; null: not known. */
    endsInMs: () => endsInMs,
  };
}

import type { SealedConnection } from './connections';
import type { Tx } from './tx';

/** The sealed credentials of a connection, with the access token that its workers share. */
export interface SealedSignIn extends Pick<SealedConnection, 'secrets' | 'secretsKeyId' | 'version'> {
  readonly token: Buffer | null;
  /** Milliseconds until the token ends, by the database's clock; null = not known. */
  readonly tokenLeftMs: number | null;
}

export interface TakenRenewal extends SealedSignIn {
  /** False = another worker renews it. */
  readonly isTaken: boolean;
  /** Milliseconds until the other worker's right ends. */
  readonly waitMs: number;
  /** A worker has let its right end without giving it back. */
  readonly wasAbandoned: boolean;
}

export interface RenewedSignIn {
  readonly secrets: Buffer;
  readonly secretsKeyId: string;
  readonly token: Buffer;
  /** Null = not known. */
  readonly tokenLastsMs: number | null;
  /** Milliseconds until the secrets end by themselves; null = not known. */
  readonly endsInMs: number | null;
  /** False = the secrets are the same as before. */
  readonly isChanged: boolean;
}

/** Undefined if there is no such connection. */
export async function readSignIn(tx: Tx, id: string): Promise<SealedSignIn | undefined> {
  return (await tx.query<SealedSignIn>(READ, [id])).rows[0];
}

/**
 * Takes the right to renew a connection's sign-in, for `forMs` at most. It is a value in the row, as a lock would keep a database
 * session while the destination is asked, and a worker that hangs would keep it for ever.
 */
export async function takeRenewal(
  tx: Tx,
  id: string,
  renewing: string,
  forMs: number,
): Promise<TakenRenewal | undefined> {
  return (await tx.query<TakenRenewal>(TAKE, [id, renewing, forMs])).rows[0];
}

/** Gives the right back, unless it has ended and another worker has it. */
export async function giveRenewalBack(tx: Tx, id: string, renewing: string): Promise<void> {
  await tx.query(GIVE_BACK, [id, renewing]);
}

/**
 * Writes the result of a sign-in, and gives the right back.
 *
 * @param version the one that was read
 * @returns false if the connection was changed meanwhile
 */
export async function writeSignIn(
  tx: Tx,
  { id, version }: { readonly id: string; readonly version: number },
  { secrets, secretsKeyId, token, tokenLastsMs, endsInMs, isChanged }: RenewedSignIn,
  renewing: string,
): Promise<boolean> {
  const values = [secrets, secretsKeyId, token, tokenLastsMs, endsInMs, isChanged ? 1 : 0, renewing];
  return (await tx.query(WRITE, [id, version, ...values])).rowCount === 1;
}

/** The earliest time at which a credential ends by itself, for each consumer with a connection of which it is known. */
export async function readFirstEnds(tx: Tx): Promise<{ readonly consumer: string; readonly endsAt: Date }[]> {
  return (await tx.query<{ consumer: string; endsAt: Date }>(FIRST_ENDS)).rows;
}

const SIGN_IN = `c.secrets, c.secrets_key_id as "secretsKeyId", c.version, c.token,
  (1000 * extract(epoch from c.token_ends_at - now()))::float8 as "tokenLeftMs"`;

const READ = `select ${SIGN_IN} from connection c where c.id = $1`;

// The columns are those of the locked row: the statement's own snapshot may be older.
const TAKE = `
with c as (select * from connection where id = $1 for update),
taken as (
  update connection t set renewing = $2, renewing_until = now() + $3::float8 * interval '1 ms'
  from c where t.id = c.id and (c.renewing_until is null or c.renewing_until <= now())
  returning t.id
)
select ${SIGN_IN}, exists (select from taken) as "isTaken", c.renewing_until is not null as "wasAbandoned",
  coalesce(greatest(0, 1000 * extract(epoch from c.renewing_until - now())), 0)::float8 as "waitMs"
from c`;

const GIVE_BACK = `update connection set renewing = null, renewing_until = null where id = $1 and renewing = $2`;

/** The lease is over, so that another worker may have been refused the old secrets, and have found the connection broken. */
const IS_LATE = '($8::int = 1 and renewing is distinct from $9)';

const WRITE = `
update connection set secrets = $3, secrets_key_id = $4, token = $5,
  token_ends_at = now() + $6::float8 * interval '1 ms', ends_at = now() + $7::float8 * interval '1 ms',
  version = version + $8, renewing = nullif(renewing, $9),
  renewing_until = case when renewing is distinct from $9 then renewing_until end,
  state = case when ${IS_LATE} then 'ok' else state end,
  broken_reason = case when ${IS_LATE} then null else broken_reason end,
  broken_since = case when ${IS_LATE} then null else broken_since end
where id = $1 and version = $2`;

const FIRST_ENDS = `
select consumer, min(ends_at) as "endsAt" from connection where ends_at is not null group by consumer order by consumer`;

import { isoTime } from './fragments';
import type { Tx } from './tx';

/** Where a site is told that a connection has changed its state, with a sealed secret. */
export interface SealedNotify {
  readonly url: string;
  readonly secrets: Buffer;
  readonly secretsKeyId: string;
}

/** A message that is due, and was claimed. */
export interface DueNotice extends SealedNotify {
  readonly id: string;
  readonly event: 'broken' | 'mended';
  /** ISO. */
  readonly at: string;
  readonly reason: string | null;
  /** This one included. */
  readonly tries: number;
  readonly connectionId: string;
  readonly siteId: string;
  readonly consumer: string;
  readonly name: string;
}

/** A message that has not arrived yet, or will not. */
export interface WaitingNotice {
  readonly event: 'broken' | 'mended';
  readonly at: string;
  readonly tries: number;
  readonly isGivenUp: boolean;
  readonly failure: string | null;
}

export async function readNotify(tx: Tx, connectionId: string): Promise<SealedNotify | undefined> {
  return (await tx.query<SealedNotify>(READ, [connectionId])).rows[0];
}

/** Null: its site is told nothing more, and messages that wait are gone. */
export async function saveNotify(tx: Tx, connectionId: string, notify: SealedNotify | null): Promise<void> {
  if (notify === null) await tx.query('delete from connection_notify where connection_id = $1', [connectionId]);
  else await tx.query(SAVE, [connectionId, notify.url, notify.secrets, notify.secretsKeyId]);
}

/** Those that are sealed under another key than this one. */
export async function listNotifiesOf(
  tx: Tx,
  otherThanKeyId: string,
): Promise<(SealedNotify & { connectionId: string })[]> {
  return (await tx.query<SealedNotify & { connectionId: string }>(LIST, [otherThanKeyId])).rows;
}

export async function listNotices(tx: Tx, connectionId: string): Promise<WaitingNotice[]> {
  return (await tx.query<WaitingNotice>(LIST_NOTICES, [connectionId])).rows;
}

/** Takes messages that are due, oldest first. Each is due again after `leaseMs`, for another worker, unless it is settled. */
export async function claimNotices(tx: Tx, limit: number, leaseMs: number): Promise<DueNotice[]> {
  return (await tx.query<DueNotice>(CLAIM, [limit, leaseMs])).rows;
}

/** It has arrived. */
export async function forgetNotice(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from connection_notice where id = $1', [id]);
}

/** It has not arrived. @param delayMs until it is tried again; null = not any more */
export async function delayNotice(tx: Tx, id: string, delayMs: number | null, failure: string): Promise<void> {
  await tx.query(DELAY, [id, delayMs, failure]);
}

const READ = `select url, secrets, secrets_key_id as "secretsKeyId" from connection_notify where connection_id = $1`;

const SAVE = `
insert into connection_notify (connection_id, url, secrets, secrets_key_id) values ($1, $2, $3, $4)
on conflict (connection_id) do update set url = excluded.url, secrets = excluded.secrets, secrets_key_id = excluded.secrets_key_id`;

const LIST = `
select connection_id as "connectionId", url, secrets, secrets_key_id as "secretsKeyId" from connection_notify
where secrets_key_id <> $1`;

const LIST_NOTICES = `
select event, ${isoTime('at')} as at, tries, due_at = 'infinity' as "isGivenUp", failure
from connection_notice where connection_id = $1 order by connection_notice.at`;

const CLAIM = `
with due as (
  select id from connection_notice where due_at <= now() order by due_at limit $1 for update skip locked
)
update connection_notice n set tries = n.tries + 1, due_at = now() + $2::float8 * interval '1 ms'
from due, connection_notify y, connection c
where n.id = due.id and y.connection_id = n.connection_id and c.id = n.connection_id
returning n.id, n.event, ${isoTime('n.at')} as at, n.reason, n.tries, y.url, y.secrets, y.secrets_key_id as "secretsKeyId",
  c.id as "connectionId", c.site_id as "siteId", c.consumer, c.name`;

const DELAY = `
update connection_notice set failure = left($3, 1000),
  due_at = case when $2::float8 is null then 'infinity' else now() + $2::float8 * interval '1 ms' end
where id = $1`;

import type { Tx } from './tx';

/** A site's account at a destination, without its secrets. */
export interface ConnectionRow {
  readonly id: string;
  readonly siteId: string;
  readonly consumer: string;
  readonly name: string;
  readonly config: unknown;
  /** Empty = all event types that are subscribed. */
  readonly eventTypes: readonly string[];
  readonly state: 'ok' | 'broken';
  readonly brokenReason: string | null;
  readonly brokenSince: Date | null;
  /** Counts changes of configuration and secrets. */
  readonly version: number;
  /** Counts changes by operators; a secret that the destination has replaced does not count. */
  readonly edition: number;
  /** When the credential ends by itself, unless it is used or replaced; null = not known, or never. */
  readonly endsAt: Date | null;
  /** Most sends at once, in each worker. */
  readonly maxInFlight: number;
  /** Most sends per second, of all workers together; null = no limit. */
  readonly ratePerSecond: number | null;
  readonly secretsKeyId: string | null;
  readonly createdAt: Date;
}

/** With the numbers of deliveries that wait for it. */
export interface ListedConnection extends ConnectionRow {
  readonly pending: number;
  readonly parked: number;
}

export interface SealedConnection extends ConnectionRow {
  readonly secrets: Buffer | null;
}

/** `endsAt`: default null. */
export type ConnectionChanges = Pick<
  SealedConnection,
  'config' | 'eventTypes' | 'maxInFlight' | 'ratePerSecond' | 'secrets' | 'secretsKeyId'
> &
  Partial<Pick<SealedConnection, 'endsAt'>>;

export type NewConnection = ConnectionChanges & Pick<SealedConnection, 'id' | 'siteId' | 'consumer' | 'name'>;

/** @returns false if the site has a connection of this consumer and name */
export async function insertConnection(tx: Tx, connection: NewConnection): Promise<boolean> {
  const { id, siteId, consumer, name } = connection;
  return (await tx.query(INSERT, [id, siteId, consumer, name, ...changesOf(connection)])).rowCount === 1;
}

/** The conditions of a list of connections; without one, it has all of them. */
export interface ConnectionFilter {
  readonly id?: string | undefined;
  readonly siteId?: string | undefined;
  readonly consumer?: string | undefined;
  readonly name?: string | undefined;
}

/** In order of site, consumer and name. */
export async function listConnections(tx: Tx, filter: ConnectionFilter): Promise<ListedConnection[]> {
  const { id, siteId, consumer, name } = filter;
  return (await tx.query<ListedConnection>(LIST, [siteId ?? null, consumer ?? null, name ?? null, id ?? null])).rows;
}

/** By id, with its sealed secrets; undefined if there is none. */
export async function readConnection(tx: Tx, id: string): Promise<SealedConnection | undefined> {
  return (await tx.query<SealedConnection>(READ, [id])).rows[0];
}

/**
 * Changes a connection and makes it `ok`; the sweep then continues the deliveries that were parked because it was broken.
 * Slots of its rate count from now, as slots that were reserved before may never be used.
 *
 * @param version the one that was read
 * @returns false if the connection was changed meanwhile: then it has another version
 */
export async function changeConnection(
  tx: Tx,
  id: string,
  version: number,
  changes: ConnectionChanges,
): Promise<boolean> {
  return (await tx.query(CHANGE, [id, version, ...changesOf(changes)])).rowCount === 1;
}

/** Replaces sealed secrets by the same secrets under another key. Workers sign in anew. @returns false if they were changed meanwhile */
export async function resealConnection(
  tx: Tx,
  { id, version }: { readonly id: string; readonly version: number },
  secrets: Buffer,
  secretsKeyId: string,
): Promise<boolean> {
  return (await tx.query(RESEAL, [id, version, secrets, secretsKeyId])).rowCount === 1;
}

/** Its deliveries are parked as soon as they are tried. @returns false if there is no such connection */
export async function removeConnection(tx: Tx, id: string): Promise<boolean> {
  return (await tx.query('delete from connection where id = $1', [id])).rowCount === 1;
}

const changesOf = (changes: ConnectionChanges): unknown[] => [
  JSON.stringify(changes.config),
  changes.eventTypes,
  changes.maxInFlight,
  changes.ratePerSecond,
  changes.secrets,
  changes.secretsKeyId,
  changes.endsAt ?? null,
];

const COLUMNS = `
  c.id, c.site_id as "siteId", c.consumer, c.name, c.config, c.event_types as "eventTypes", c.state,
  c.broken_reason as "brokenReason", c.broken_since as "brokenSince", c.version, c.edition, c.ends_at as "endsAt", c.max_in_flight as "maxInFlight",
  c.rate_per_second as "ratePerSecond", c.secrets_key_id as "secretsKeyId", c.created_at as "createdAt"`;

const INSERT = `
insert into connection (id, site_id, consumer, name, config, event_types, max_in_flight, rate_per_second, secrets, secrets_key_id, ends_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (site_id, consumer, name) do nothing`;

const LIST = `
select ${COLUMNS}, coalesce(d.pending, 0) as pending, coalesce(d.parked, 0) as parked
from connection c
left join (
  select connection_id, count(*) filter (where state = 'pending') as pending, count(*) filter (where state = 'parked') as parked
  from delivery where state in ('pending', 'parked') and connection_id is not null group by 1
) d on d.connection_id = c.id
where ($1::text is null or c.site_id = $1) and ($2::text is null or c.consumer = $2) and ($3::text is null or c.name = $3)
  and ($4::uuid is null or c.id = $4)
order by c.site_id, c.consumer, c.name`;

const READ = `select ${COLUMNS}, c.secrets from connection c where c.id = $1`;

const CHANGE = `
update connection set config = $3, event_types = $4, max_in_flight = $5, rate_per_second = $6, secrets = $7,
  secrets_key_id = $8, ends_at = $9, token = null, token_ends_at = null, version = version + 1, edition = edition + 1,
  state = 'ok', broken_reason = null, broken_since = null, next_slot = now()
where id = $1 and version = $2`;

const RESEAL = `
update connection set secrets = $3, secrets_key_id = $4, token = null, token_ends_at = null, version = version + 1 where id = $1 and version = $2`;

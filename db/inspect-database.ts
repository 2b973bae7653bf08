import type { Tx } from './tx';

/** The server's properties that matter to the product. */
export interface DatabaseFacts {
  /** As in "18.0". */
  readonly version: string;
  /** As in 180000. */
  readonly versionNumber: number;
  /** By the server's clock, in milliseconds since 1970. */
  readonly nowMs: number;
  readonly maxConnections: number;
  readonly connections: number;
  /** Of `maxConnections`, those that only a superuser gets. */
  readonly reservedConnections: number;
  /** A committed transaction survives a crash of the server. */
  readonly durable: boolean;
  /** `synchronous_standby_names`: empty = a commit waits for no other server. */
  readonly synchronousStandbys: string;
  /** A replica, to which nothing can be written. */
  readonly readOnly: boolean;
}

/** Who is connected to a Temporal cluster's database and to the one for its lists, this session not counted. */
export interface StoreConnections {
  readonly connections: number;
  /** Addresses that they come from. */
  readonly hosts: number;
}

export async function readStoreConnections(tx: Tx): Promise<StoreConnections> {
  const text = `select count(*)::int as connections, count(distinct coalesce(host(client_addr), ''))::int as hosts
    from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
      and datname in (current_database(), current_database() || '_visibility')`;
  return (await tx.query<StoreConnections>(text)).rows[0] as StoreConnections; // an aggregate has one row
}

export async function readDatabaseFacts(tx: Tx): Promise<DatabaseFacts> {
  const { rows } = await tx.query<DatabaseFacts>(FACTS);
  return rows[0] as DatabaseFacts; // a select without `from` has one row
}

/** Names of the migrations that are done; undefined if there never was one. */
export async function readAppliedMigrations(tx: Tx): Promise<string[] | undefined> {
  const { rows } = await tx.query<{ there: boolean }>(`select to_regclass('_prisma_migrations') is not null as there`);
  if (!rows[0]?.there) return undefined;
  const applied = await tx.query<{ name: string }>(
    'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null order by 1',
  );
  return applied.rows.map(({ name }) => name);
}

/** The data queues that have a subscription for all sites, and whether it is active. */
export async function readSubscriptionStates(tx: Tx): Promise<{ dataQueue: string; active: boolean }[]> {
  const text = `select data_queue as "dataQueue", state <> 'paused' as active from subscription where site_id = '*' order by 1`;
  return (await tx.query<{ dataQueue: string; active: boolean }>(text)).rows;
}

export interface InspectedConnection {
  readonly id: string;
  /** As `ops connections` takes it: {site}/{consumer}/{name}. */
  readonly name: string;
  readonly broken: boolean;
  readonly secrets: Buffer | null;
  readonly secretsKeyId: string | null;
  /** When the credential ends by itself; null: not known, or never. */
  readonly endsAt: Date | null;
}

/** Connections with their sealed secrets, at most `limit`. */
export async function readConnectionsToInspect(tx: Tx, limit: number): Promise<InspectedConnection[]> {
  const text = `select id, site_id || '/' || consumer || '/' || name as name, state = 'broken' as broken, secrets,
      secrets_key_id as "secretsKeyId", ends_at as "endsAt"
    from connection order by site_id, consumer, name limit $1`;
  return (await tx.query<InspectedConnection>(text, [limit])).rows;
}

const FACTS = `
select current_setting('server_version') as version, current_setting('server_version_num')::int as "versionNumber",
  (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs", current_setting('max_connections')::int as "maxConnections",
  -- as a user without more rights sees the sessions of others
  (select coalesce(sum(numbackends), 0)::int from pg_stat_database where datname is not null) as connections,
  current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true), '0')::int
    as "reservedConnections",
  current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off' as durable,
  current_setting('synchronous_standby_names') as "synchronousStandbys", pg_is_in_recovery() as "readOnly"`;

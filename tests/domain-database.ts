import type { Pool, QueryResultRow } from 'pg';
import { DatabaseClient } from '../db/database-client';
import { saveEvents } from '../db/domain/save-events';
import { createPool } from '../db/pool';
import { inTransaction } from '../db/tx';
import { catalogue, type ChatEvent, type EventType } from '../events/catalogue';
import { detachAttachments } from '../events/detach-attachments';
import { readEvent } from '../events/read-event';
import { createDatabase, emptyDatabase } from './database';

const OTHERS = [
  'id_key',
  'installation',
  'connection_notify',
  'connection_notice',
  'erasure',
  'erased_event',
  'erased_workflow',
  'gauges_reading',
  'retention',
  'subscription',
  'cluster_reach',
  'connection',
  'event',
  'delivery',
  'abandoned_run',
  'refused_event',
  'attachment',
  '_prisma_migrations',
];
const TICKETS = ['ticket', 'ticket_attachment', 'ticket_counter', 'ticket_message', 'ticket_requester'];

/** Every type of the catalogue. */
export const eventTypes = Object.keys(catalogue) as EventType[]; // keyof typeof catalogue

/** An event of 20 November 2026 as it is recorded: read from its wire form, the bytes of attachments taken out. */
export function eventOf(type: EventType, data: object, time: string, id = 'e1'): ChatEvent {
  const read = readEvent({ type, id, receivedAt: `2026-11-20T${time}Z`, data }, { id, receivedAt: '' });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return detachAttachments(read.event).event;
}

/** The example of the catalogue. */
export function exampleOf(type: EventType, id = 'e1'): ChatEvent {
  return eventOf(type, catalogue[type].example, '10:00:00', id);
}

export interface DomainDatabase {
  readonly pool: Pool;
  readonly tables: readonly string[];
  save(...events: ChatEvent[]): Promise<void>;
  query<R extends QueryResultRow>(sql: string): Promise<R[]>;
  /** All columns, ordered by the first two. */
  rowsOf(table: string): Promise<Record<string, unknown>[]>;
  /** Every row of every table that has one; with the transaction that wrote it where `versions` is asked for. */
  everything(versions?: boolean): Promise<Record<string, object[]>>;
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** A database of one's own with the tables that events are saved to. */
export async function openDomainDatabase(): Promise<DomainDatabase> {
  const database = await createDatabase();
  // Far from UTC: nothing may depend on where the server stands.
  const pool = createPool(`${database.url}?options=-c%20TimeZone%3DAsia/Tokyo`);
  const client = new DatabaseClient({ connectionString: database.url });
  await client.connect();
  const query = async <R extends QueryResultRow>(sql: string): Promise<R[]> => (await client.query<R>(sql)).rows;
  const found = await query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  );
  const tables = found.map(({ name }) => name).filter((name) => ![...OTHERS, ...TICKETS].includes(name));
  return {
    pool,
    tables,
    save: (...events) => inTransaction(pool, (tx) => saveEvents(tx, events)),
    query,
    rowsOf: (table) => query(`select * from ${table} order by 1, 2`),
    async everything(versions = false) {
      const row = versions ? `to_jsonb(t) || jsonb_build_object('version', t.xmin::text)` : 'to_jsonb(t)';
      const rows = await query<{ name: string; rows: object[] }>(
        tables
          .map((table) => `select '${table}' as name, jsonb_agg(${row} order by t::text) as rows from ${table} t`)
          .join(' union all '),
      );
      return Object.fromEntries(rows.filter((part) => part.rows !== null).map((part) => [part.name, part.rows]));
    },
    empty: () => emptyDatabase(pool),
    async close() {
      await client.end();
      await pool.end();
      await database.drop();
    },
  };
}

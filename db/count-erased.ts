import { OF_EVENTS, OF_TABLES, TABLES_OF_SITE } from './erased-tables';
import type { Tx } from './tx';

/** Rows by table, without those of which there are none. */
export type RowCounts = Readonly<Record<string, number>>;

/** The rows that an erasure of these events would remove or empty. */
export async function countRowsOfEvents(tx: Tx, keys: readonly string[]): Promise<RowCounts> {
  // Of a table with several conditions the last takes all rows.
  const wheres = new Map([...OF_EVENTS, ...OF_TABLES].map(({ table, where }) => [table, where]));
  return await countEach(tx, [...wheres], [keys]);
}

/** The rows that the removal of a site would remove. */
export async function countRowsOfSite(tx: Tx, siteId: string): Promise<RowCounts> {
  const ofEvents = (table: string): [string, string] => [
    table,
    `exists (select from event e where e.key = t.event_key and e.site_id = $1)`,
  ];
  const bySite = ['event', ...TABLES_OF_SITE].map((table): [string, string] => [table, 't.site_id = $1']);
  return await countEach(tx, [ofEvents('delivery'), ofEvents('attachment'), ...bySite], [siteId]);
}

async function countEach(
  tx: Tx,
  wheres: readonly (readonly [table: string, where: string])[],
  values: readonly unknown[],
): Promise<RowCounts> {
  const counts: Record<string, number> = {};
  for (const [table, where] of wheres) {
    const { rows } = await tx.query<{ n: number }>(`select count(*) as n from ${table} t where ${where}`, values);
    if (rows[0]?.n) counts[table] = rows[0].n;
  }
  return counts;
}

/** Of which no table with an index by site has a row. */
export async function isKnownSite(tx: Tx, siteId: string): Promise<boolean> {
  const tables = [
    'event',
    'erasure',
    ...TABLES_OF_SITE.filter((table) => !WITHOUT_INDEX.includes(table)),
    'refused_event',
  ];
  const some = tables.map((table) => `exists (select from ${table} where site_id = $1)`).join(' or ');
  return (await tx.query<{ known: boolean }>(`select ${some} as known`, [siteId])).rows[0]?.known === true;
}

/** Each has a second table with an index, which the same events fill. */
const WITHOUT_INDEX = ['auto_invitation_log', 'visit_log'];

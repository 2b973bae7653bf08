import { LOCK_ROWS, OF_TABLES } from './erased-tables';
import type { Tx } from './tx';

/**
 * Removes the rows of the tables that pruned events have filled. A row that several events filled stays while one of them is not pruned,
 * or is of a type whose rows are kept. A ticket stays as it is while one of its messages does, and its requester while one of the tickets does.
 *
 * @param tx the transaction that pruned the events
 */
export async function pruneRows(tx: Tx, keys: readonly string[]): Promise<void> {
  for (const statement of [...LOCK_ROWS, LOCK_SITES]) await tx.query(statement, [keys]);
  const { rows } = await tx.query<{ siteId: string; email: string | null }>(PRUNE_TICKETS, [keys]);
  const requesters = rows.filter(({ email }) => email !== null);
  if (requesters.length > 0)
    await tx.query(PRUNE_REQUESTERS, [requesters.map(({ siteId }) => siteId), requesters.map(({ email }) => email)]);
  for (const statement of PRUNE_ROWS) await tx.query(statement, [keys]);
}

// As saveTickets does: so no message comes to a ticket meanwhile.
const LOCK_SITES = `
select from ticket_counter where site_id in (select site_id from ticket_message where event_key = any ($1::text[]))
order by site_id collate "C" for update`;

/** Their messages go with them. */
const PRUNE_TICKETS = `
delete from ticket t
where (t.site_id, t.number) in (select m.site_id, m.ticket_number from ticket_message m where m.event_key = any ($1::text[]))
and not exists (
  select from ticket_message m
  where m.site_id = t.site_id and m.ticket_number = t.number and not m.event_key = any ($1::text[]))
returning t.site_id as "siteId", t.requester_email as email`;

const PRUNE_REQUESTERS = `
delete from ticket_requester r
using (select distinct site_id, email from unnest($1::text[], $2::text[]) as one (site_id, email)) gone
where r.site_id = gone.site_id and r.email = gone.email
and not exists (select from ticket t where t.site_id = r.site_id and t.requester_email = r.email)`;

/** Whether a row names an event whose data or rows are kept. */
const isNeeded = (columns: readonly string[]): string => `exists (
  select from unnest(array[${columns.map((column) => `t.${column}`).join(', ')}]) as named (key)
  where exists (select from event e where e.key = named.key and e.pruned_at is null)
  or named.key is not null and not coalesce((
    select r.tables from retention r where r.what in (split_part(named.key, '/', 1), '*') order by r.what = '*' limit 1), false))`;

const PRUNE_ROWS = OF_TABLES.flatMap(({ table, where, columns, update }) => {
  if (columns === undefined || update !== undefined) return [];
  return [`delete from ${table} t where (${where})${columns.length === 1 ? '' : ` and not ${isNeeded(columns)}`}`];
});

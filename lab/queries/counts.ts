import type { Tx } from '../../db/tx';
import type { DeliveryRow } from './read-account-rows';

/** How many events are recorded or refused at recording, and how many deliveries stand in which state. */
export interface DeliveryCounts extends Readonly<Record<DeliveryRow['state'], number>> {
  readonly events: number;
}

async function count(tx: Tx, statement: string, values: readonly unknown[] = []): Promise<number> {
  const { rows } = await tx.query<{ count: number | string }>(statement, values);
  return Number(rows[0]?.count ?? 0);
}

/** All there are: for databases that hold one demo. */
export async function countDeliveries(tx: Tx): Promise<DeliveryCounts> {
  const { rows } = await tx.query<DeliveryCounts>(DELIVERIES);
  return rows[0] ?? { events: 0, pending: 0, delivered: 0, parked: 0, discarded: 0 };
}

const DELIVERIES = `
select (select count(*) from event) + (select count(distinct key) from refused_event r
                                       where not exists (select from event e where e.key = r.key)) as events,
       count(*) filter (where state = 'pending') as pending,
       count(*) filter (where state = 'delivered') as delivered,
       count(*) filter (where state = 'parked') as parked,
       count(*) filter (where state = 'discarded') as discarded
from delivery`;

/** Attempts that were sending at a point in time (ms since 1970): their leases were live then, and nothing is written of them yet. */
export const countAttempts = (tx: Tx, at: number): Promise<number> => count(tx, ATTEMPTS, [new Date(at)]);

const ATTEMPTS = `select count(*) from delivery where state = 'pending' and lease_until > $1`;

/** Failed tries of all deliveries of sites other than this one. */
export const countTriesOfOthers = (tx: Tx, siteId: string): Promise<number> => count(tx, TRIES, [siteId]);

const TRIES = `select sum(greatest(tries - 1, 0)) as count from delivery where split_part(event_key, '/', 2) <> $1`;

/** The sum of all days, which alone shows a visit that was added twice. For databases that hold one drill. */
export const countVisits = (tx: Tx): Promise<number> => count(tx, 'select sum(visits) as count from visits_per_day');

/** Milliseconds from publish until the slowest of the events that were published since then was recorded. */
export const measureLag = (tx: Tx, since: Date): Promise<number> => count(tx, LAG, [since]);

const LAG = `
select extract(epoch from max(recorded_at - received_at)) * 1000 as count from event where received_at >= $1`;

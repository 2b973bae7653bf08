import type { Tx } from '../../db/tx';
import type { DeliveryRow } from './read-account-rows';

/** How many events are recorded or refused at recording, and how many deliveries stand in which state. */
export interface DeliveryCounts extends Readonly<Record<DeliveryRow['state'], number>> {
  readonly events: number;
}

/** All there are: for databases that hold one demo. */
export async function countDeliveries(tx: Tx): Promise<DeliveryCounts> {
  const { rows } = await tx.query<DeliveryCounts>(COUNT);
  return rows[0] ?? { events: 0, pending: 0, delivered: 0, parked: 0, discarded: 0 };
}

const COUNT = `
select (select count(*) from event) + (select count(distinct key) from refused_event r
                                       where not exists (select from event e where e.key = r.key)) as events,
       count(*) filter (where state = 'pending') as pending,
       count(*) filter (where state = 'delivered') as delivered,
       count(*) filter (where state = 'parked') as parked,
       count(*) filter (where state = 'discarded') as discarded
from delivery`;

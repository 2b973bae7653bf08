import type { Tx } from '../../db/tx';

/** When a delivery was done, and by which cluster's run. */
export interface Settlement {
  readonly eventKey: string;
  readonly dataQueue: string;
  readonly cluster: string;
  readonly at: Date;
}

/** All that are delivered, in order: for databases that hold one drill. */
export async function readSettlements(tx: Tx): Promise<Settlement[]> {
  const { rows } = await tx.query<Settlement>(READ);
  return rows;
}

const READ = `
select event_key as "eventKey", data_queue as "dataQueue", owner_cluster as cluster, settled_at as at
from delivery where state = 'delivered' order by settled_at`;

import type { Tx } from '../../db/tx';

/** A site's account at a destination, as far as it makes deliveries. */
export interface ConnectionRow {
  readonly id: string;
  readonly siteId: string;
  readonly consumer: string;
  /** Empty: all types. */
  readonly eventTypes: readonly string[];
}

/** All there are: for databases that hold one demo. */
export async function listConnections(tx: Tx): Promise<ConnectionRow[]> {
  const { rows } = await tx.query<ConnectionRow>(LIST);
  return rows;
}

const LIST = `select id, site_id as "siteId", consumer, event_types as "eventTypes" from connection order by id`;

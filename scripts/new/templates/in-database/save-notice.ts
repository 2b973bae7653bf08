import type { Tx } from '../../../../db/tx';

export interface NoticeRow {
  readonly eventKey: string;
  readonly siteId: string;
  /** ISO. */
  readonly receivedAt: string;
}

/** Inserts a row per event, in order of key, so that transactions which save the same events cannot deadlock; one that is there stays. */
export async function saveNotice(tx: Tx, rows: readonly NoticeRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(INSERT, [
    rows.map(({ eventKey }) => eventKey),
    rows.map(({ siteId }) => siteId),
    rows.map(({ receivedAt }) => receivedAt),
  ]);
}

const INSERT = `
insert into notice_entry (event_key, site_id, received_at)
select event_key, site_id, received_at from unnest($1::text[], $2::text[], $3::timestamptz[]) as r (event_key, site_id, received_at)
order by event_key on conflict (event_key) do nothing`;

import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { eventKeyOf, type RowOf } from './event-row';
import { insertOnceText } from './insert-once';

const columns = ['event_key', 'site_id', 'campaign_id', 'visit_count', 'received_at', 'extra'] as const;

// Only new events are returned, so that each is added to the sums once, however often it is saved.
const SAVE_VISITS = `
with added as (${insertOnceText('visit_log', columns)}
  returning site_id, coalesce(campaign_id, '') as campaign_id, (received_at at time zone 'UTC')::date as day, visit_count
)
insert into visits_per_day as total (site_id, campaign_id, day, visits)
select site_id, campaign_id, day, sum(visit_count)
from added
group by site_id, campaign_id, day
order by site_id, campaign_id, day
on conflict (site_id, campaign_id, day) do update set visits = total.visits + excluded.visits`;

/** Saves the visits of campaigns, and adds them to those of their day, once per event. */
export async function saveVisits(tx: Tx, events: readonly ChatEvent<'Visit.Log'>[]): Promise<void> {
  if (events.length > 0) await tx.query(SAVE_VISITS, [JSON.stringify(events.map(visitRow))]);
}

function visitRow(event: ChatEvent<'Visit.Log'>): RowOf<typeof columns> {
  return {
    event_key: eventKeyOf(event),
    site_id: event.siteId,
    campaign_id: event.data.campaignId,
    visit_count: event.data.visitCount ?? 0,
    received_at: event.receivedAt,
    extra: event.data.extra,
  };
}

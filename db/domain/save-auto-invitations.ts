import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { eventKeyOf, type RowOf } from './event-row';
import { insertOnceText } from './insert-once';

const columns = [
  'event_key',
  'position',
  'site_id',
  'campaign_id',
  'invitation_id',
  'sent_count',
  'accepted_count',
  'refused_count',
  'logged_at',
  'extra',
] as const;

// Only new entries are returned, so that each is added to the sums once, however often it is saved.
const SAVE_AUTO_INVITATIONS = `
with added as (${insertOnceText('auto_invitation_log', columns)}
  returning site_id, coalesce(campaign_id, '') as campaign_id, coalesce(invitation_id, '') as invitation_id,
            (logged_at at time zone 'UTC')::date as day, sent_count, accepted_count, refused_count
)
insert into auto_invitations_per_day as total (site_id, campaign_id, invitation_id, day, sent, accepted, refused)
select site_id, campaign_id, invitation_id, day, sum(sent_count), sum(accepted_count), sum(refused_count)
from added
group by site_id, campaign_id, invitation_id, day
order by site_id, campaign_id, invitation_id, day
on conflict (site_id, campaign_id, invitation_id, day) do update set
  sent = total.sent + excluded.sent,
  accepted = total.accepted + excluded.accepted,
  refused = total.refused + excluded.refused`;

/** Saves how automatic invitations were answered, and adds the numbers to those of their day, once per event. */
export async function saveAutoInvitations(tx: Tx, events: readonly ChatEvent<'AutoInvitation.Log'>[]): Promise<void> {
  const rows = events.flatMap(entryRows);
  if (rows.length > 0) await tx.query(SAVE_AUTO_INVITATIONS, [JSON.stringify(rows)]);
}

function entryRows(event: ChatEvent<'AutoInvitation.Log'>): RowOf<typeof columns>[] {
  return event.data.entries.map((entry, position) => ({
    event_key: eventKeyOf(event),
    site_id: event.siteId,
    position,
    campaign_id: entry.campaignId,
    invitation_id: entry.invitationId,
    sent_count: entry.sentCount ?? 0,
    accepted_count: entry.acceptedCount ?? 0,
    refused_count: entry.refusedCount ?? 0,
    logged_at: entry.at ?? event.receivedAt,
    extra: entry.extra,
  }));
}

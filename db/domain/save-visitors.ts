import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { eventKeyOf, type RowOf } from './event-row';
import { lastWrite } from './last-write';

type Event = ChatEvent<'Chat.Ended' | 'OfflineMessage.Submit'>;

const identity = ['site_id', 'visitor_id'] as const;
const whereabouts = ['event_key', 'received_at', 'country', 'city', 'time_zone', 'language', 'segment_ids'] as const;
const who = [
  'identity_event_key',
  'identity_received_at',
  'last_known_name',
  'last_known_email',
  'related_type',
  'related_id',
] as const;

const SAVE_VISITORS = lastWrite('visitor', identity, [{ columns: whereabouts }, { columns: who }]);

/**
 * Saves the last known state of visitors. Both events say where they are; only Chat.Ended says who they are, so that an offline
 * message does not remove that.
 */
export async function saveVisitors(tx: Tx, events: readonly Event[]): Promise<void> {
  const rows = events.filter((event) => event.data.visitor?.id).map(visitorRow);
  if (rows.length > 0) await tx.query(SAVE_VISITORS, [JSON.stringify(rows)]);
}

function visitorRow(event: Event): RowOf<typeof identity> & RowOf<typeof whereabouts> & Partial<RowOf<typeof who>> {
  const { visitor } = event.data;
  return {
    site_id: event.siteId,
    visitor_id: visitor?.id,
    event_key: eventKeyOf(event),
    received_at: event.receivedAt,
    country: visitor?.country,
    city: visitor?.city,
    time_zone: visitor?.timeZone,
    language: visitor?.language,
    segment_ids: visitor?.segmentIds,
    ...(event.type === 'Chat.Ended' && whoRow(event)),
  };
}

function whoRow(event: ChatEvent<'Chat.Ended'>): RowOf<typeof who> {
  const { visitor } = event.data;
  return {
    identity_event_key: eventKeyOf(event),
    identity_received_at: event.receivedAt,
    last_known_name: visitor?.lastKnownName,
    last_known_email: visitor?.lastKnownEmail,
    related_type: visitor?.relatedType,
    related_id: visitor?.relatedId,
  };
}

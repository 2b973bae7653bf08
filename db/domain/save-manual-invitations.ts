import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { keyOf } from './event-row';
import { appendOnly } from './insert-once';

const invitations = appendOnly('manual_invitation', [
  'event_key',
  'position',
  'site_id',
  'agent_id',
  'status',
  'transcript_type',
  'transcript_id',
  'message',
  'received_at',
  'extra',
]);

/** Saves the invitations that agents sent, one row each. */
export async function saveManualInvitations(
  tx: Tx,
  events: readonly ChatEvent<'ManualInvitation.Log'>[],
): Promise<void> {
  await invitations.insert(
    tx,
    events.flatMap((event) =>
      event.data.entries.map((entry, position) => ({
        event_key: keyOf(event),
        position,
        site_id: event.siteId,
        agent_id: entry.agentId,
        status: entry.status,
        transcript_type: entry.transcriptType,
        transcript_id: entry.transcriptId,
        message: entry.message,
        received_at: event.receivedAt,
        extra: entry.extra,
      })),
    ),
  );
}

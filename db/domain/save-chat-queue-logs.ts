import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { keyOf } from './event-row';
import { appendOnly } from './insert-once';

const entries = appendOnly('chat_queue_log', [
  'event_key',
  'position',
  'site_id',
  'department_id',
  'queue_length',
  'logged_at',
  'extra',
]);

/** Saves how many visitors waited in which department, one row per entry. */
export async function saveChatQueueLogs(tx: Tx, events: readonly ChatEvent<'ChatQueue.Log'>[]): Promise<void> {
  await entries.insert(
    tx,
    events.flatMap((event) =>
      event.data.entries.map((entry, position) => ({
        event_key: keyOf(event),
        position,
        site_id: event.siteId,
        department_id: entry.departmentId,
        queue_length: entry.queueLength,
        logged_at: entry.at ?? event.receivedAt,
        extra: entry.extra,
      })),
    ),
  );
}

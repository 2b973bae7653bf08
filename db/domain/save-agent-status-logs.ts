import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { keyOf } from './event-row';
import { appendOnly } from './insert-once';

const changes = appendOnly('agent_status_log', ['event_key', 'site_id', 'agent_id', 'status', 'changed_at', 'extra']);

/** Saves the changes of agents' status, one row per change. */
export async function saveAgentStatusLogs(tx: Tx, events: readonly ChatEvent<'AgentStatus.Log'>[]): Promise<void> {
  await changes.insert(
    tx,
    events.map((event) => ({
      event_key: keyOf(event),
      site_id: event.siteId,
      agent_id: event.data.agentId,
      status: event.data.status,
      changed_at: event.data.at ?? event.receivedAt,
      extra: event.data.extra,
    })),
  );
}

import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { returningWinners, saveChildRows, type Winner } from './child-rows';
import { eventKeyOf, type Row } from './event-row';
import { lastWrite } from './last-write';

type Event = ChatEvent<'Agent.SavePreference'>;

const identity = ['site_id', 'agent_id'] as const;
const columns = ['event_key', 'received_at', 'extra'] as const;

const SAVE_AGENT_PREFERENCES = `${lastWrite('agent_preference', identity, [{ columns }])}
${returningWinners('agent_preference', identity)}`;

/** Saves how agents arranged their columns; of several events about one agent the latest wins. */
export async function saveAgentPreferences(tx: Tx, events: readonly Event[]): Promise<void> {
  if (events.length === 0) return;
  const { rows: winners } = await tx.query<Winner<(typeof identity)[number]>>(SAVE_AGENT_PREFERENCES, [
    JSON.stringify(events.map(preferenceRow)),
  ]);
  await saveChildRows(tx, 'agent_preference_column', identity, winners, events.flatMap(columnRows));
}

function preferenceRow(event: Event): Row {
  return {
    event_key: eventKeyOf(event),
    site_id: event.siteId,
    agent_id: agentOf(event),
    received_at: event.receivedAt,
    extra: event.data.extra,
  };
}

function columnRows(event: Event) {
  return event.data.columns.map((entry, position) => ({
    event_key: eventKeyOf(event),
    site_id: event.siteId,
    position,
    agent_id: agentOf(event),
    column_number: entry.column,
    is_visible: entry.isVisible,
    width: entry.width,
    custom_variable_id: entry.customVariableId,
    extra: entry.extra,
  }));
}

/** A primary key cannot be null. */
function agentOf(event: Event): string {
  return event.data.agentId ?? '';
}

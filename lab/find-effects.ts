import { readEntry } from '../activities/consumers/ticket/read-entry';
import type { ChatEvent } from '../events/catalogue';
import type { EventRows, LatestRow } from './queries/effects';
import type { ImpliedDelivery } from './account';

interface Effects {
  readonly perEvent: readonly EventRows[];
  readonly latest: readonly LatestRow[];
}

/**
 * The implied deliveries whose effect is in our own tables. Where one row is for the latest of several events, an event has had
 * its effect when the row shows it or a later one.
 *
 * @returns their ids
 */
export function foundDeliveries(implied: readonly ImpliedDelivery[], { perEvent, latest }: Effects): Set<string> {
  const rows = new Map(perEvent.map((one) => [nameOf(one.dataQueue, one.eventKey), one.rows]));
  const shown = new Map(latest.map((one) => [nameOf(one.dataQueue, one.siteId, one.subject), one]));
  const isFound = ({ dataQueue, key, event }: ImpliedDelivery): boolean => {
    const subject = subjectOf(dataQueue, event);
    if (subject === undefined) return (rows.get(nameOf(dataQueue, key)) ?? 0) >= entriesOf(event);
    const row = shown.get(nameOf(dataQueue, event.siteId, subject));
    return row !== undefined && (row.eventKey === key || isLater(row, event.receivedAt, key));
  };
  return new Set(implied.filter(isFound).map(({ id }) => id));
}

/**
 * Deliveries whose effect can be removed without touching another's: up to `count`, from different data queues in turn.
 */
export function chooseEffects(
  implied: readonly ImpliedDelivery[],
  found: ReadonlySet<string>,
  count: number,
): ImpliedDelivery[] {
  const sharing = new Map<string, number>();
  const rowOf = ({ dataQueue, event, key }: ImpliedDelivery): string =>
    nameOf(dataQueue, event.siteId, subjectOf(dataQueue, event) ?? key);
  for (const one of implied) sharing.set(rowOf(one), (sharing.get(rowOf(one)) ?? 0) + 1);
  const queues = new Map<string, ImpliedDelivery[]>();
  for (const one of implied) {
    if (!found.has(one.id) || sharing.get(rowOf(one)) !== 1) continue;
    queues.set(one.dataQueue, [...(queues.get(one.dataQueue) ?? []), one]);
  }
  const chosen: ImpliedDelivery[] = [];
  for (let round = 0; chosen.length < count; round++) {
    const next = [...queues.values()].flatMap((list) => list.slice(round, round + 1));
    if (next.length === 0) break;
    chosen.push(...next.slice(0, count - chosen.length));
  }
  return chosen;
}

/** The implied deliveries of events that are for no ticket, independent of our rows. @returns their ids */
export function askingNoTicket(implied: readonly ImpliedDelivery[]): Set<string> {
  const none = implied.filter(({ dataQueue, event }) => dataQueue.endsWith('.Ticket') && !readEntry(event));
  return new Set(none.map(({ id }) => id));
}

/** The subject of a row that the latest event wins; undefined where each event leaves something of its own. */
function subjectOf(dataQueue: string, event: ChatEvent): string | undefined {
  if (dataQueue === 'Chat.Ended.Persistence' && event.type === 'Chat.Ended') return event.data.chat.chatId;
  if (event.type === 'Visitor.Rating' || event.type === 'Agent.Wrapup') return event.data.chatId;
  if (event.type === 'Agent.SavePreference') return event.data.agentId ?? '';
  return undefined;
}

/** Rows that an event leaves: one, or one per entry of its list. */
export function entriesOf(event: ChatEvent): number {
  if (event.type === 'PrivateMessage.Log') return event.data.messages.length;
  if (event.type === 'ChatQueue.Log') return event.data.entries.length;
  if (event.type === 'AutoInvitation.Log' || event.type === 'ManualInvitation.Log') return event.data.entries.length;
  if (event.type === 'Conversion.Log') return event.data.entries.length;
  return 1;
}

function isLater(row: LatestRow, receivedAt: string, key: string): boolean {
  const difference = row.receivedAt.getTime() - Date.parse(receivedAt);
  return difference > 0 || (difference === 0 && row.eventKey > key);
}

const nameOf = (...parts: readonly string[]): string => JSON.stringify(parts);

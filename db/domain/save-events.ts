import type { ChatEvent, EventType } from '../../events/catalogue';
import type { Tx } from '../tx';
import { agentBans } from './agent-bans';
import { conversions } from './conversions';
import { saveRows } from './insert-once';
import { agentStatusLogs, cannedMessageUses, chatQueueLogs, manualInvitations, privateMessages } from './logs';
import { offlineMessageAttachments, offlineMessages } from './offline-messages';
import { saveAgentPreferences } from './save-agent-preferences';
import { saveAutoInvitations } from './save-auto-invitations';
import { saveChats } from './save-chats';
import { saveRatings } from './save-ratings';
import { saveVisitors } from './save-visitors';
import { saveVisits } from './save-visits';
import { saveWrapups } from './save-wrapups';

/**
 * Saves events into the tables for reports. Saving an event again changes nothing; the tables do not depend on the order in
 * which events are saved, nor on how many are saved at once.
 *
 * A list of any length costs one statement per table. Tables are written in one fixed order, and the rows of each in the order
 * of its key, so that transactions which call this once cannot deadlock.
 */
export async function saveEvents(tx: Tx, events: readonly ChatEvent[]): Promise<void> {
  const of = <T extends EventType>(...types: T[]) => events.filter((event) => isOneOf(event, types));
  await saveChats(tx, of('Chat.Ended'));
  await saveVisitors(tx, of('Chat.Ended', 'OfflineMessage.Submit'));
  await saveRatings(tx, of('Chat.Ended', 'Visitor.Rating'));
  await saveWrapups(tx, of('Chat.Ended', 'Agent.Wrapup'));
  await saveRows(tx, offlineMessages, of('OfflineMessage.Submit'));
  await saveRows(tx, offlineMessageAttachments, of('OfflineMessage.Submit'));
  await saveRows(tx, cannedMessageUses, of('CannedMessage.UseLog'));
  await saveRows(tx, privateMessages, of('PrivateMessage.Log'));
  await saveRows(tx, chatQueueLogs, of('ChatQueue.Log'));
  await saveRows(tx, agentStatusLogs, of('AgentStatus.Log'));
  await saveAutoInvitations(tx, of('AutoInvitation.Log'));
  await saveRows(tx, manualInvitations, of('ManualInvitation.Log'));
  await saveVisits(tx, of('Visit.Log'));
  await saveRows(tx, conversions, of('Conversion.Log'));
  await saveAgentPreferences(tx, of('Agent.SavePreference'));
  await saveRows(tx, agentBans, of('Agent.Ban'));
}

function isOneOf<T extends EventType>(event: ChatEvent, types: readonly T[]): event is ChatEvent<T> {
  return types.includes(event.type as T); // widens the searched type only
}

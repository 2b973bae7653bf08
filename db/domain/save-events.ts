import type { ChatEvent, EventType } from '../../events/catalogue';
import type { Tx } from '../tx';
import { saveAgentBans } from './save-agent-bans';
import { saveAgentPreferences } from './save-agent-preferences';
import { saveAgentStatusLogs } from './save-agent-status-logs';
import { saveAutoInvitations } from './save-auto-invitations';
import { saveCannedMessageUses } from './save-canned-message-uses';
import { saveChatQueueLogs } from './save-chat-queue-logs';
import { saveChats } from './save-chats';
import { saveConversions } from './save-conversions';
import { saveManualInvitations } from './save-manual-invitations';
import { saveOfflineMessages } from './save-offline-messages';
import { savePrivateMessages } from './save-private-messages';
import { saveRatings } from './save-ratings';
import { saveVisitors } from './save-visitors';
import { saveVisits } from './save-visits';
import { saveWrapups } from './save-wrapups';

/**
 * Saves what the events say into the tables that one reports from. Saving an event again changes nothing; the order in
 * which events are saved, and whether together or one by one, makes no difference to what the tables say.
 *
 * A list of any length costs one statement per table. Tables come in one fixed order, and the rows of each in
 * the order of its key, so that transactions which call this once cannot deadlock.
 */
export async function saveEvents(tx: Tx, events: readonly ChatEvent[]): Promise<void> {
  const of = <T extends EventType>(...types: T[]) => events.filter((event) => isOneOf(event, types));
  await saveChats(tx, of('Chat.Ended'));
  await saveVisitors(tx, of('Chat.Ended', 'OfflineMessage.Submit'));
  await saveRatings(tx, of('Chat.Ended', 'Visitor.Rating'));
  await saveWrapups(tx, of('Chat.Ended', 'Agent.Wrapup'));
  await saveOfflineMessages(tx, of('OfflineMessage.Submit'));
  await saveCannedMessageUses(tx, of('CannedMessage.UseLog'));
  await savePrivateMessages(tx, of('PrivateMessage.Log'));
  await saveChatQueueLogs(tx, of('ChatQueue.Log'));
  await saveAgentStatusLogs(tx, of('AgentStatus.Log'));
  await saveAutoInvitations(tx, of('AutoInvitation.Log'));
  await saveManualInvitations(tx, of('ManualInvitation.Log'));
  await saveVisits(tx, of('Visit.Log'));
  await saveConversions(tx, of('Conversion.Log'));
  await saveAgentPreferences(tx, of('Agent.SavePreference'));
  await saveAgentBans(tx, of('Agent.Ban'));
}

function isOneOf<T extends EventType>(event: ChatEvent, types: readonly T[]): event is ChatEvent<T> {
  return types.includes(event.type as T); // widening what is looked for, not what is found
}

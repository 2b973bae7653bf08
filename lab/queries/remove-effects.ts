import type { Tx } from '../../db/tx';

/**
 * Removes what an event left in the table of a data queue, behind the product's back: its delivery still says delivered. To show
 * that an account of what was lost looks at the destinations.
 *
 * @returns false when there was nothing, or the data queue has no table
 */
export async function removeEffect(tx: Tx, dataQueue: string, eventKey: string): Promise<boolean> {
  const statement = statements[dataQueue];
  if (statement === undefined) return false;
  const { rowCount } = await tx.query(statement, [eventKey]);
  return (rowCount ?? 0) > 0;
}

/** True for the data queues whose effects are in tables of ours. */
export const isInTable = (dataQueue: string): boolean => dataQueue in statements;

const statements: Readonly<Record<string, string>> = {
  'Chat.Ended.Persistence': 'delete from chat where event_key = $1',
  'OfflineMessage.Submit.Persistence': 'delete from offline_message where event_key = $1',
  'Chat.Ended.Ticket': 'delete from ticket_message where event_key = $1',
  'OfflineMessage.Submit.Ticket': 'delete from ticket_message where event_key = $1',
  'Visitor.Rating': 'delete from chat_rating where form_event_key = $1',
  'Agent.Wrapup': 'delete from chat_wrapup where event_key = $1',
  'CannedMessage.UseLog': 'delete from canned_message_use where event_key = $1',
  'PrivateMessage.Log': 'delete from private_message where event_key = $1',
  'ChatQueue.Log': 'delete from chat_queue_log where event_key = $1',
  'AgentStatus.Log': 'delete from agent_status_log where event_key = $1',
  'AutoInvitation.Log': 'delete from auto_invitation_log where event_key = $1',
  'ManualInvitation.Log': 'delete from manual_invitation where event_key = $1',
  'Visit.Log': 'delete from visit_log where event_key = $1',
  'Conversion.Log': 'delete from conversion where event_key = $1',
  'Agent.SavePreference': 'delete from agent_preference where event_key = $1',
  'Agent.Ban': 'delete from agent_ban where event_key = $1',
};

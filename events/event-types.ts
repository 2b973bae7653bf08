/** The names of all events, in the seed's order: without the catalogue, whose schemas take a command longer to load than all the rest. */
export const EVENT_TYPES = [
  'Chat.Ended',
  'OfflineMessage.Submit',
  'Visitor.Rating',
  'Agent.Wrapup',
  'CannedMessage.UseLog',
  'PrivateMessage.Log',
  'ChatQueue.Log',
  'AgentStatus.Log',
  'AutoInvitation.Log',
  'ManualInvitation.Log',
  'Visit.Log',
  'Conversion.Log',
  'Agent.SavePreference',
  'Agent.Ban',
] as const;

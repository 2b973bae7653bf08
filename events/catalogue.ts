import type { z } from 'zod';
import { agentBan } from './agent-ban';
import { agentSavePreference } from './agent-save-preference';
import { agentStatusLog } from './agent-status-log';
import { agentWrapup } from './agent-wrapup';
import { autoInvitationLog } from './auto-invitation-log';
import { cannedMessageUseLog } from './canned-message-use-log';
import { chatEnded } from './chat-ended';
import { chatQueueLog } from './chat-queue-log';
import { conversionLog } from './conversion-log';
import type { EventDefinition } from './define-event';
import type { EVENT_TYPES } from './event-types';
import { manualInvitationLog } from './manual-invitation-log';
import { offlineMessageSubmit } from './offline-message-submit';
import { privateMessageLog } from './private-message-log';
import { visitLog } from './visit-log';
import { visitorRating } from './visitor-rating';

/** All events, in the seed's order. To add one: a file, a line here and one in `event-types.ts`. */
export const catalogue = {
  'Chat.Ended': chatEnded,
  'OfflineMessage.Submit': offlineMessageSubmit,
  'Visitor.Rating': visitorRating,
  'Agent.Wrapup': agentWrapup,
  'CannedMessage.UseLog': cannedMessageUseLog,
  'PrivateMessage.Log': privateMessageLog,
  'ChatQueue.Log': chatQueueLog,
  'AgentStatus.Log': agentStatusLog,
  'AutoInvitation.Log': autoInvitationLog,
  'ManualInvitation.Log': manualInvitationLog,
  'Visit.Log': visitLog,
  'Conversion.Log': conversionLog,
  'Agent.SavePreference': agentSavePreference,
  'Agent.Ban': agentBan,
} as const satisfies { [T in (typeof EVENT_TYPES)[number]]: EventDefinition & { type: T } };

export type EventType = keyof typeof catalogue;

/** The data of an event in internal form. */
export type DataOf<T extends EventType> = z.output<(typeof catalogue)[T]['data']>;

/** An event in internal form. `ChatEvent` alone is the union of all types. */
export type ChatEvent<T extends EventType = EventType> = T extends EventType
  ? {
      readonly id: string;
      readonly type: T;
      readonly siteId: string;
      /** ISO 8601 in UTC with milliseconds: when the publisher took it. */
      readonly receivedAt: string;
      readonly data: DataOf<T>;
    }
  : never;

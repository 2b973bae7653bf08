import { defineEvent } from './define-event';
import { choice } from './kinds/choice';
import { field, idOf, PERSONAL } from './kinds/field';
import { list } from './kinds/list';
import { object } from './kinds/object';
import { siteId } from './kinds/site-id';
import { id, text } from './kinds/texts';

/** Seed section "ManualInvitation.Log". It has no time: the event's `receivedAt` counts. */
export const manualInvitationLog = defineEvent({
  type: 'ManualInvitation.Log',
  about: 'Agents have invited visitors to a chat.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    entries: field(
      ['Logs', 'Messages'],
      list(
        object({
          agentId: field('AgentId', id, 'The agent'),
          status: field(
            'Status',
            choice(
              { 0: 'missed', 1: 'accepted', 2: 'refused' },
              { miss: 'missed', accept: 'accepted', refuse: 'refused' },
            ),
            "The visitor's answer",
          ),
          transcriptType: field(
            'TranscriptType',
            choice({ 0: 'chat', 1: 'offlineMessage', 2: 'navigation' }),
            'The kind of `transcriptId`',
          ),
          transcriptId: field('TranscriptId', id, 'The result of the invitation', idOf('chat')),
          message: field('Message', text, 'The invitation', PERSONAL),
        }),
      ),
      'One per invitation',
    ),
  },
  example: {
    SiteId: 10001,
    Logs: [{ AgentId: 15, Status: 1, TranscriptType: 0, TranscriptId: 70012, Message: 'May I help you?' }],
  },
});

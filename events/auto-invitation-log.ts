import { defineEvent } from './define-event';
import { field } from './kinds/field';
import { list } from './kinds/list';
import { int } from './kinds/numbers';
import { object } from './kinds/object';
import { siteId } from './kinds/site-id';
import { id } from './kinds/texts';
import { time } from './kinds/time';

/** Seed section "AutoInvitation.Log". */
export const autoInvitationLog = defineEvent({
  type: 'AutoInvitation.Log',
  about: 'How automatic invitations were answered. Numbers are to be added to earlier ones, once per event.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    entries: field(
      ['Logs', 'Messages'],
      list(
        object({
          campaignId: field(['CampainId', 'CampaignId'], id, 'Campaign'),
          invitationId: field(['InvitaionId', 'InvitationId'], id, 'Invitation'),
          sentCount: field(['SetNumber', 'SentNumber'], int, 'Shown this often'),
          acceptedCount: field('AcceptNumber', int, 'Accepted this often'),
          refusedCount: field('RefuseNumber', int, 'Refused this often'),
          at: field('Time', time, 'When'),
        }),
      ),
      'One per invitation',
    ),
  },
  example: {
    SiteId: 10001,
    Logs: [
      {
        CampainId: 21,
        InvitaionId: 31,
        SetNumber: 40,
        AcceptNumber: 6,
        RefuseNumber: 11,
        Time: '2026-03-02T09:00:00',
      },
    ],
  },
});

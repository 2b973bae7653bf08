import { defineEvent } from './define-event';
import { field } from './kinds/field';
import { int } from './kinds/numbers';
import { siteId } from './kinds/site-id';
import { id } from './kinds/texts';

/** Seed section "Visit.Log". It has no time: the event's `receivedAt` counts. */
export const visitLog = defineEvent({
  type: 'Visit.Log',
  about: 'Visits of a campaign. The number is to be added to earlier ones, once per event.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    campaignId: field(['CampainId', 'CampaignId'], id, 'Campaign'),
    visitCount: field('VisitCount', int, 'Visits to add'),
  },
  example: { SiteId: 10001, CampainId: 21, VisitCount: 17 },
});

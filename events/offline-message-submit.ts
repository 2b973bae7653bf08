import { defineEvent } from './define-event';
import { inlineAttachment } from './inline-attachment';
import { choice } from './kinds/choice';
import { field, inline } from './kinds/field';
import { union } from './kinds/list';
import { bool } from './kinds/numbers';
import { block } from './kinds/object';
import { siteId } from './kinds/site-id';
import { id, text, textId } from './kinds/texts';
import { chatSource, customFields, customVariables } from './shared-fields';

/** Seed section "OfflineMessage.Submit". It has neither id nor time on the wire. */
export const offlineMessageSubmit = defineEvent({
  type: 'OfflineMessage.Submit',
  about: 'A visitor has left a message while nobody was there to chat.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    visitor: inline(
      block({
        id: field('visitorId', textId, 'The visitor'),
        country: field('Country', text, 'Country'),
        city: field('City', text, 'City'),
        timeZone: field('TimeZone', text, 'Time zone, number or name'),
        language: field('Language', text, 'Language'),
        segmentIds: field(['Segments', 'SegmentIds'], union(id, String), 'Segments that the visitor is in'),
      }),
      'The visitor',
    ),
    contact: inline(
      block({
        name: field('VisitorName', text, 'Name'),
        company: field('VisitorCompany', text, 'Company'),
        phone: field('VisitorPhone', text, 'Phone'),
        email: field('VisitorEmail', text, 'E-mail address'),
        productService: field('ProductService', text, 'Product or service asked about'),
      }),
      'What the visitor entered about themselves',
    ),
    sessionId: field('SessionId', id, "The visitor's session"),
    sourceChatId: field(['SourceChatId', 'SourceChatGuid'], textId, 'Chat that the message came out of'),
    campaignId: field(['CampainId', 'CampaignId'], id, 'Campaign'),
    ticketId: field('TicketId', id, 'Ticket to append to'),
    routeToType: field(
      'RouteToType',
      choice({ 0: 'site', 1: 'department', 2: 'agent', 3: 'empty', 4: 'offlineMessage' }, { operator: 'agent' }),
      'What `routeToId` is',
    ),
    routeToId: field('RouteToId', id, 'Department or agent that the message is for'),
    chatSource,
    autoInvitationId: field('AutoInvitationId', id, 'Invitation that it began with'),
    requestPageTitle: field('RequestPageTitle', text, 'Page where it was written'),
    requestPageUrl: field('RequestPageUrl', text, 'Its address'),
    title: field('Title', text, 'Subject'),
    content: field('Content', text, 'The message'),
    attachments: inline(inlineAttachment, 'The file sent with it, none or one'),
    customFields,
    customVariables: customVariables('CustomVariables', 'CustomVariable'),
    isIntegrationEnabled: field('IfEnableIntegration', bool, 'False holds back Salesforce and Zendesk; null does not'),
  },
  rides: false,
  withheld: ({ isIntegrationEnabled }) => (isIntegrationEnabled === false ? ['salesforce', 'zendesk'] : []),
  example: {},
});

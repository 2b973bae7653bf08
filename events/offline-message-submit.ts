import { defineEvent } from './define-event';
import { inlineAttachment } from './inline-attachment';
import { choice } from './kinds/choice';
import { EMAIL, field, idOf, inline, PERSONAL } from './kinds/field';
import { union } from './kinds/list';
import { bool } from './kinds/numbers';
import { block } from './kinds/object';
import { siteId } from './kinds/site-id';
import { entry, id, text, textId } from './kinds/texts';
import { chatSource, customFields, customVariables } from './shared-fields';

/** Seed section "OfflineMessage.Submit". It has neither id nor time on the wire. */
export const offlineMessageSubmit = defineEvent({
  type: 'OfflineMessage.Submit',
  about: 'A visitor has left a message while no agent was there to chat.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    visitor: inline(
      block({
        id: field('visitorId', textId, 'The visitor', idOf('visitor')),
        country: field('Country', entry, 'Country', PERSONAL),
        city: field('City', entry, 'City', PERSONAL),
        timeZone: field('TimeZone', entry, 'Time zone, number or name', PERSONAL),
        language: field('Language', entry, 'Language', PERSONAL),
        segmentIds: field(['Segments', 'SegmentIds'], union(id, String), 'Segments that the visitor is in'),
      }),
      'The visitor',
    ),
    contact: inline(
      block({
        name: field('VisitorName', entry, 'Name', PERSONAL),
        company: field('VisitorCompany', entry, 'Company', PERSONAL),
        phone: field('VisitorPhone', entry, 'Phone', PERSONAL),
        email: field('VisitorEmail', entry, 'E-mail address', EMAIL),
        productService: field('ProductService', entry, 'Product or service asked about', PERSONAL),
      }),
      'The details that the visitor entered',
    ),
    sessionId: field('SessionId', id, "The visitor's session", idOf('session')),
    sourceChatId: field(['SourceChatId', 'SourceChatGuid'], textId, 'Chat that the message came out of', idOf('chat')),
    campaignId: field(['CampainId', 'CampaignId'], id, 'Campaign'),
    ticketId: field('TicketId', id, 'Ticket to append to', idOf('ticket')),
    routeToType: field(
      'RouteToType',
      choice({ 0: 'site', 1: 'department', 2: 'agent', 3: 'empty', 4: 'offlineMessage' }, { operator: 'agent' }),
      'The kind of `routeToId`',
    ),
    routeToId: field('RouteToId', id, 'Department or agent that the message is for'),
    chatSource,
    autoInvitationId: field('AutoInvitationId', id, 'Invitation that it began with'),
    requestPageTitle: field('RequestPageTitle', entry, 'Page where it was written', PERSONAL),
    requestPageUrl: field('RequestPageUrl', entry, 'Its address', PERSONAL),
    title: field('Title', text, 'Subject', PERSONAL),
    content: field('Content', text, 'The message', PERSONAL),
    attachments: inline(inlineAttachment, 'The file sent with it, none or one'),
    customFields,
    customVariables: customVariables('CustomVariables', 'CustomVariable'),
    isIntegrationEnabled: field('IfEnableIntegration', bool, 'False holds back Salesforce and Zendesk; null does not'),
  },
  batched: false,
  withheld: {
    salesforce: ({ isIntegrationEnabled }) => isIntegrationEnabled === false,
    zendesk: ({ isIntegrationEnabled }) => isIntegrationEnabled === false,
  },
  example: {
    visitorId: '5c6d7e8f-1234-4a5b-8c9d-0e1f2a3b4c5d',
    VisitorName: 'Ann Example',
    VisitorEmail: 'ann@example.com',
    VisitorCompany: 'Example Ltd',
    VisitorPhone: '+1 555 0100',
    City: 'Berlin',
    Country: 'Germany',
    TimeZone: '+01:00',
    Language: 'de',
    SiteId: 10001,
    SessionId: '636512345678901234',
    SourceChatId: '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10',
    CampainId: 21,
    TicketId: 9002,
    RouteToId: 3,
    RouteToType: 1,
    ChatSource: 0,
    RequestPageTitle: 'Pricing',
    RequestPageUrl: 'https://www.example.com/pricing',
    AutoInvitationId: 31,
    ProductService: 'Billing',
    Segments: [7, 8],
    AttachmentName: 'note.txt',
    AttachmentContent: 'SGVsbG8sIHdvcmxkIQ==',
    CustomFields: [{ Id: 1, Name: 'Order number', Value: 'A-1001' }],
    CustomVariables: [{ Id: 2, Name: 'Cart', value: '99.90', url: 'https://www.example.com/cart' }],
    IfEnableIntegration: true,
    Title: 'Invoice missing',
    Content: 'Please send me a copy of my last invoice.',
  },
});

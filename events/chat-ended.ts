import { arrangeChat } from './arrange-chat';
import { chatEndedExample } from './chat-ended-example';
import { attachments, botActions, cobrowse, messages, transfers } from './chat-parts';
import { defineEvent } from './define-event';
import { choice } from './kinds/choice';
import { EMAIL, field, idOf, inline, PERSONAL } from './kinds/field';
import { required } from './kinds/kind';
import { list, union } from './kinds/list';
import { bool, double, int, intOrNone } from './kinds/numbers';
import { block, object } from './kinds/object';
import { siteId } from './kinds/site-id';
import { entry, id, text, textId } from './kinds/texts';
import { time } from './kinds/time';
import { salesforceOrder } from './salesforce-order';
import { chatSource, customFields, customVariables } from './shared-fields';

const chat = object({
  chatId: field(
    ['ChatId', 'ChatGuid'],
    required(textId),
    'The chat; also the event id where none is given',
    idOf('chat'),
  ),
  siteId: field('SiteId', siteId, 'The site'),
  sessionId: field('SessionId', id, "The visitor's session", idOf('session')),
  agentIds: field('AgentIds', list(id), 'Agents that took part'),
  startedAt: field(['Start', 'StartTime'], time, 'When the chat began'),
  endedAt: field(['End', 'EndTime'], time, 'When it ended'),
  requestedAt: field('RequestTime', time, 'When the visitor asked for it'),
  contact: inline(
    block({
      name: field('PreChatName', entry, 'Name', PERSONAL),
      company: field('PreChatCompany', entry, 'Company', PERSONAL),
      phone: field('PreChatPhone', entry, 'Phone', PERSONAL),
      email: field('PreChatEmail', entry, 'E-mail address', EMAIL),
      productService: field('PreChatProductService', entry, 'Product or service asked about', PERSONAL),
    }),
    'The details that the visitor entered before the chat',
  ),
  preChat: inline(
    block({
      departmentId: field('PreChatDepartmentId', id, 'Department chosen before the chat'),
      departmentName: field('PreChatDepartmentName', entry, 'Its name'),
    }),
    'Further choices of the visitor before the chat',
  ),
  agentComment: field('AgentComment', text, "The agent's comment", PERSONAL),
  transcript: field(['content', 'Transcript'], text, 'The whole conversation as one text', PERSONAL),
  messages: field('Messages', messages, 'The conversation message by message, where the server sends that'),
  socialMediaSource: field(
    'SocialMediaSource',
    choice({ 0: 'none', 1: 'facebook', 2: 'googlePlus' }),
    'Network that the visitor came from; the specification declares it as number and as text',
  ),
  socialMediaSourceText: field(
    'SocialMediaSourceText',
    entry,
    'The text, where a server sends number and text',
    PERSONAL,
  ),
  socialProfileUrl: field('SocialProfileUrl', entry, "The visitor's profile there", PERSONAL),
  chatType: field(
    'ChatType',
    choice({ 0: 'agentOnly', 1: 'chatbotOnly', 2: 'botToAgent', 3: 'chatbot' }, { fromChatBotToAgent: 'botToAgent' }),
    'The side that answered; the specification does not say how 1 and 3 differ',
  ),
  hasAudioChat: field('IfAudioChatHappened', bool, 'There was an audio chat'),
  hasVideoChat: field('IfVideoChatHappened', bool, 'There was a video chat'),
  chatSource,
  missedChatStatus: field(
    'MissedChatStatus',
    choice({ 0: 'normal', 1: 'agentRefused', 2: 'missed', 3: 'offlineMessage' }),
    'Whether it was answered; offlineMessage has an event of its own, which brings tickets and CRM',
  ),
  hasEnteredQueue: field('IfEnterQueue', bool, 'The visitor had to queue'),
  visitorMessageCount: field('VisitorMessageNum', int, 'Messages by the visitor'),
  agentMessageCount: field('AgentMessageNum', int, 'Messages by agents'),
  agentAvgResponseTime: field('AgentAvgResponseTime', double, 'As sent; the specification names no unit'),
  lastMessageSentBy: field(
    ['LasMessageSendBy', 'LastMessageSendBy', 'LastMessageSentBy'],
    choice({ [-1]: 'unknown', 0: 'visitor', 1: 'agent', 2: 'system', 3: 'chatbot' }, { unknow: 'unknown' }),
    'The author of the last message',
  ),
  isNewTicket: field(['IfNewTicket', 'IsNewTicket'], bool, 'Open a ticket'),
  ticketId: field('TicketId', textId, 'Ticket to append to, or the id of the one to open', idOf('ticket')),
  requestPageTitle: field('RequestPageTitle', entry, 'Page where the chat was asked for', PERSONAL),
  requestPageUrl: field('RequestPageUrl', entry, 'Its address', PERSONAL),
  ratingGrade: field('RatingGrade', intOrNone, "The visitor's rating; null is not rated"),
  ratingComment: field('RatingComment', text, 'Comment with it', PERSONAL),
  customFields,
  customVariables: customVariables('CustomVariable', 'CustomVariables'),
  transfers: field(['TransferLogs', 'Transfers'], transfers, 'Hand-overs between agents and departments'),
  attachments: field('Attachments', attachments, 'Files sent in the chat'),
  cobrowse: field(['Cobrowse', 'Cobrowsing'], cobrowse, 'Shared browsing, if there was any'),
  botActions: field('BotActions', botActions, 'The answers of the bot'),
});

const visitor = object({
  id: field(['Id', 'VisitorId'], textId, 'The visitor', idOf('visitor')),
  country: field('Country', entry, 'Country', PERSONAL),
  city: field('City', entry, 'City', PERSONAL),
  timeZone: field('TimeZone', entry, 'Time zone, number or name', PERSONAL),
  language: field('Language', entry, 'Language', PERSONAL),
  lastKnownName: field(['LastName', 'LastKnownName'], entry, 'The name last known; not a surname', PERSONAL),
  lastKnownEmail: field(
    ['LastEmail', 'LastKnownEmail'],
    entry,
    'The e-mail address last known; used where `contact.email` is no address',
    EMAIL,
  ),
  relatedType: field(
    'RelatedType',
    choice(
      { 0: 'none', 1: 'agent', 2: 'user', 3: 'contract', 4: 'emailAddress', 5: 'cookie', 6: 'visitor' },
      { contact: 'contract' },
    ),
    'The kind of `relatedId`; contract is the word of the specification and may mean contact',
  ),
  relatedId: field('RelatedId', id, 'Record that the visitor is known by'),
  segmentIds: field(['segmentIds', 'Segments'], union(id, String), 'Segments that the visitor is in'),
});

/** Seed section "Chat.Ended". */
export const chatEnded = defineEvent({
  type: 'Chat.Ended',
  about: 'A chat has ended, answered or not.',
  fields: {
    chat: field(
      'Chat',
      required(chat),
      'The chat; accepted too: its fields directly in the data, and visitor and Salesforce in it',
    ),
    visitor: field('Visitor', visitor, 'The visitor'),
    salesforce: field('Salesforce', salesforceOrder, 'The records to write to Salesforce; null is none'),
  },
  arrange: arrangeChat,
  naturalId: ({ chat }) => chat.chatId,
  batched: false,
  // OfflineMessage.Submit brings tickets and records for the same conversation.
  withheld: {
    ticket: ({ chat }) => chat.missedChatStatus === 'offlineMessage',
    salesforce: ({ chat, salesforce }) => chat.missedChatStatus === 'offlineMessage' || salesforce === null,
    zendesk: ({ chat }) => chat.missedChatStatus === 'offlineMessage',
  },
  example: chatEndedExample,
});

import { catalogue } from './catalogue';
import { isNamed } from './kinds/field';
import type { Fields } from './kinds/kind';
import type { Kind } from './kinds/kind';
import { readEvent } from './read-event';

/** The seed's properties, class by class, letter by letter. */
const seed = {
  Chat: 'ChatId SessionId SiteId AgentIds Start End PreChatName PreChatCompany PreChatPhone PreChatEmail PreChatProductService PreChatDepartmentId PreChatDepartmentName AgentComment content SocialMediaSource SocialProfileUrl ChatType IfAudioChatHappened IfVideoChatHappened ChatSource MissedChatStatus RequestTime IfEnterQueue VisitorMessageNum AgentMessageNum AgentAvgResponseTime LasMessageSendBy IfNewTicket TicketId RequestPageTitle RequestPageUrl RatingGrade RatingComment CustomFields CustomVariable TransferLogs Attachments Cobrowse BotActions',
  Visitor: 'Id Country City TimeZone Language LastName LastEmail RelatedType RelatedId segmentIds',
  Salesforce: 'PurposeChatEnd Cases Tasks Leads CreateContact UpdateContact',
  'Salesforce.Cases': 'Name value DisplayValue',
  'Chat.TransferLogs': 'Time TransferType FromId ToId AgentId IfSuccess',
  'Chat.Attachments': 'Uid FilePath Url IsNoteFile',
  'Chat.Cobrowse': 'Start End Status',
  'Chat.BotActions': 'Guid ChatId OriginalQuestion StandardQuestionId BotAnswerType RateType IfDeleted Time IsAdd',
  'Chat.CustomFields': 'Id Name Value',
  'Chat.CustomVariable': 'Id Name value url',
  'OfflineMessage.Submit':
    'visitorId VisitorName VisitorEmail VisitorCompany VisitorPhone City Country TimeZone Language SiteId SessionId SourceChatId CampainId TicketId RouteToId RouteToType ChatSource RequestPageTitle RequestPageUrl AutoInvitationId ProductService Segments AttachmentName AttachmentContent CustomFields CustomVariables IfEnableIntegration Title Content',
  'Visitor.Rating': 'SiteId ChatId ChatGuid ratingGrade ratingComment CustomFields CustomVariables',
  'Agent.Wrapup': 'SiteId AgentId ChatId CategoryId CategoryList Comment SubmitTime CustomFields',
  'CannedMessage.UseLog': 'SiteId ChatId AgentId CannedMessgeId Time',
  'PrivateMessage.Log': 'SiteId Messages',
  'PrivateMessage.Log.Messages': 'FromAgentId ToAgentId Time Content AttachmentGuid',
  'ChatQueue.Log': 'SiteId Messages',
  'ChatQueue.Log.Messages': 'DepartmentId NumberOfQueue LogTime',
  'AgentStatus.Log': 'SiteId AgentId Stauts Time',
  'AutoInvitation.Log': 'SiteId Logs',
  'AutoInvitation.Log.Logs': 'CampainId InvitaionId SetNumber AcceptNumber RefuseNumber Time',
  'ManualInvitation.Log': 'SiteId Logs',
  'ManualInvitation.Log.Logs': 'AgentId Status TranscriptType TranscriptId Message',
  'Visit.Log': 'SiteId CampainId VisitCount',
  'Conversion.Log': 'SiteId Logs',
  'Conversion.Log.Logs':
    'Id ConversionId ConversionName VisitorId CookIdenitityId ChatId DepartmentId RelatedOperatorId AppendInfo ConversionValue CreateTime HasAddToDatabase CurrentChatId CurrentDepartmentId ConversionAccelerateType',
  'Agent.SavePreference': 'SiteId AgentId Columns',
  'Agent.SavePreference.Columns': 'EnumColumn IfVisible Width CustomVariableId',
  'Agent.Ban': 'SiteId AgentId BanType IpFromOrVisitorId IpTo Comment OperatorId',
};
/** Beyond the seed: what later servers send. */
const beyond: Record<string, string[]> = {
  Chat: ['Messages', 'SocialMediaSourceText'],
  'Chat.Attachments': ['Name'],
};

/** The wire names of all tables: of an object, where it stands. */
function wireNames(fields: Fields, place: string, into = new Map<string, string[]>()): Map<string, string[]> {
  const named = (these: Fields): [string, Kind][] =>
    Object.values(these).flatMap((field): [string, Kind][] =>
      isNamed(field) ? [[field.names[0], field.kind]] : named(field.kind.fields),
    );
  into.set(
    place,
    named(fields).map(([name]) => name),
  );
  for (const [name, kind] of named(fields)) {
    const inner = kind.fields ?? kind.element?.fields;
    if (inner) wireNames(inner, place === 'Chat.Ended' ? name : `${place}.${name}`, into);
  }
  return into;
}

it.each(Object.entries(seed))('%s has the names of the seed first', (place, properties) => {
  const all = new Map(Object.values(catalogue).flatMap(({ type, fields }) => [...wireNames(fields, type)]));
  const written = all.get(place)?.filter((name) => !beyond[place]?.includes(name));
  // CategoryId is read into the list.
  expect(new Set(written)).toEqual(new Set(properties.split(' ').filter((name) => name !== 'CategoryId')));
});

it.each(Object.values(catalogue))(
  'the example of $type has no field that the catalogue does not know',
  ({ type, example }) => {
    const outcome = readEvent({ type, data: example }, { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' });
    expect(outcome).toMatchObject({ ok: true, unknownFields: [] });
  },
);

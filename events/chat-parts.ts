import { choice } from './kinds/choice';
import { field, PERSONAL } from './kinds/field';
import { list } from './kinds/list';
import { bool, int } from './kinds/numbers';
import { object } from './kinds/object';
import { entry, id, text, textId } from './kinds/texts';
import { time } from './kinds/time';

/** Later revisions of the seed send the chat's messages one by one; the seed itself has one text, `content`. */
export const messages = list(
  object({
    id: field(['Id', 'Guid', 'MessageId'], textId, 'Message'),
    at: field(['Time', 'SendTime', 'SentTime'], time, 'When it was sent'),
    senderType: field('SenderType', choice({ 0: 'visitor', 1: 'agent', 2: 'system', 3: 'chatbot' }), 'The sender'),
    senderId: field('SenderId', textId, 'Visitor or agent that sent it'),
    senderName: field(['SenderName', 'Name'], entry, 'Name of the sender', PERSONAL),
    content: field(['Content', 'Message', 'Body'], text, 'The text of the message', PERSONAL),
  }),
);

/** Seed class `ChatTransferLog`. */
export const transfers = list(
  object({
    at: field('Time', time, 'When'),
    kind: field('TransferType', choice({ 0: 'agent', 1: 'department' }), 'The kind of `fromId` and `toId`'),
    fromId: field('FromId', id, 'Agent or department that had the chat'),
    toId: field('ToId', id, 'Agent or department that was to have it'),
    byAgentId: field('AgentId', id, 'Agent named in the log; the specification does not say in which role'),
    isSuccessful: field('IfSuccess', bool, 'Whether the transfer went through'),
  }),
);

/** Seed class `Attachment`: files already stored by the chat server. */
export const attachments = list(
  object({
    id: field(['Uid', 'Guid', 'Id'], textId, 'File at the chat server'),
    name: field(['Name', 'FileName', 'AttachmentName'], entry, 'File name; not in the specification', PERSONAL),
    url: field('Url', entry, 'Where it can be fetched', PERSONAL),
    filePath: field('FilePath', text, 'Path at the chat server; never opened', PERSONAL),
    isNote: field('IsNoteFile', bool, 'True for a file that an agent put into a note'),
  }),
);

/** Seed class `Cobrowse`. */
export const cobrowse = object({
  startedAt: field(['Start', 'StartTime'], time, 'When it began'),
  endedAt: field(['End', 'EndTime'], time, 'When it ended'),
  status: field('Status', choice({ 0: 'inited', 1: 'requested', 2: 'accepted', 3: 'completed' }), 'How far it came'),
});

/** Seed class `BotAction`. */
export const botActions = list(
  object({
    id: field(['Guid', 'Id'], textId, 'Action'),
    chatId: field(['ChatId', 'ChatGuid'], id, 'Chat named in the action; may differ from the chat it came in'),
    originalQuestion: field('OriginalQuestion', text, 'The question of the visitor', PERSONAL),
    standardQuestionId: field('StandardQuestionId', id, 'Question that the bot took it for'),
    answerType: field(
      'BotAnswerType',
      choice({ 0: 'highConfidenceAnswer', 1: 'possibleAnswer', 2: 'noAnswer' }),
      'How sure the bot was',
    ),
    rateType: field('RateType', int, 'How the visitor rated the answer; the specification names no values'),
    isDeleted: field(['IfDeleted', 'IsDeleted'], bool, 'Deleted at the chat server'),
    isAdded: field('IsAdd', bool, 'Added as a question for the bot'),
    at: field('Time', time, 'When'),
  }),
);

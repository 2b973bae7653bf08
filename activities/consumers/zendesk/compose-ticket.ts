import type { ChatEvent } from '../../../events/catalogue';
import { readAsciiAddress } from '../../../events/address';
import { cutText } from '../../../events/cut-text';
import { trimBlanks } from '../../../events/kinds/blanks';
import { enteredAddress } from '../../../events/visitor-address';
import { readSource } from '../../event-field';
import { cleanLine, cleanTexts } from '../../clean-text';
import type { ZendeskConfig } from './account';
import type { WholeText } from './files-of';
import { chatText, MAX_COMMENT_BYTES, messageText, withoutPlaceholders } from './ticket-text';

export type TicketEvent = ChatEvent<'Chat.Ended' | 'OfflineMessage.Submit'>;

/** True for the events that there is a ticket for. */
export const isTicketed = (event: ChatEvent): event is TicketEvent =>
  event.type === 'Chat.Ended' || event.type === 'OfflineMessage.Submit';

/** The posted `ticket`. The names are those of Zendesk's API. */
export type NewTicket = ReturnType<Draft['ticketWith']>;

interface Given {
  /** The delivery's id. */
  readonly key: string;
  /** Zendesk user that writes the comment. */
  readonly authorId: number;
  /** Tokens of uploaded files. */
  readonly uploads: readonly string[];
  /** Names of the files that Zendesk refuses. */
  readonly refused?: readonly string[];
}

export type Draft = ReturnType<typeof composeTicket>;

/** Writes the ticket of an event. The same event gives the same ticket, byte for byte: Zendesk compares a repeated request. */
export function composeTicket(event: TicketEvent, config: ZendeskConfig) {
  const isPublic = config.commentPublic[event.type];
  const { subject, name, text, fileName } = read(event, isPublic);
  const mark = `\n\n[Cut here; the whole text is attached as ${fileName}]`;
  const safe = withoutPlaceholders(text);
  const body = cutText(safe, MAX_COMMENT_BYTES, 'bytes', mark);
  const wholeText: WholeText | null = body === safe ? null : { fileName, text };
  const entered = enteredAddress(event);
  const email = readAsciiAddress(entered);
  const requester = requesterOf(name, email, config.fallbackRequesterId);
  const { groupId, brandId, ticketFormId, priority } = config;
  const fields = customFieldsOf(event, config);
  return {
    wholeText,
    /** A text that was entered as address and is none: Zendesk would refuse the whole ticket. */
    leftOut: entered !== null && email === null ? ['requester'] : [],
    ticketWith: ({ key, authorId, uploads, refused = [] }: Given) => ({
      subject: withoutPlaceholders(cutText(cleanLine(subject), LONGEST_SUBJECT, 'characters', '…')),
      external_id: key,
      // Without an author Zendesk takes the requester: a visitor could write as an agent.
      submitter_id: authorId,
      ...requester,
      comment: {
        body: `${body}${describeRefused(refused)}`,
        public: isPublic,
        ...(uploads.length > 0 && { uploads: [...uploads] }),
      },
      tags: config.tags,
      ...(fields.length > 0 && { custom_fields: fields }),
      ...(groupId !== undefined && { group_id: groupId }),
      ...(brandId !== undefined && { brand_id: brandId }),
      ...(ticketFormId !== undefined && { ticket_form_id: ticketFormId }),
      ...(priority !== undefined && { priority }),
    }),
  };
}

interface Written {
  readonly subject: string;
  readonly name: string | null;
  readonly text: string;
  /** Of the file with the whole text, where that is too long. */
  readonly fileName: string;
}

function read(event: TicketEvent, isPublic: boolean): Written {
  return event.type === 'Chat.Ended' ? readChat(event, isPublic) : readMessage(event, isPublic);
}

function readChat(event: ChatEvent<'Chat.Ended'>, isPublic: boolean): Written {
  const data = cleanTexts(event.data);
  const { chat, visitor } = data;
  const name = filled(chat.contact.name) ?? filled(visitor?.lastKnownName);
  return {
    subject: `Chat with ${name ?? 'a visitor'}`,
    name,
    text: chatText(data, isPublic),
    fileName: 'chat-transcript.txt',
  };
}

function readMessage(event: ChatEvent<'OfflineMessage.Submit'>, isPublic: boolean): Written {
  const data = cleanTexts(event.data);
  const { contact, title, content } = data;
  const firstWords = cutText(cleanLine(content ?? ''), LONGEST_FIRST_WORDS, 'characters', '…');
  return {
    subject: filled(title) ?? filled(firstWords) ?? `Message from ${filled(contact.name) ?? 'a visitor'}`,
    name: filled(contact.name),
    text: messageText(data, isPublic),
    fileName: 'message.txt',
  };
}

/** Zendesk takes a few more than MAX_COMMENT_BYTES: names of so many files, in so many bytes each, fit in. */
const MOST_REFUSED = 5;
const LONGEST_REFUSED = 150;

/** For the end of a comment; nothing where all files were taken. */
export function describeRefused(names: readonly string[]): string {
  if (names.length === 0) return '';
  const listed = names
    .slice(0, MOST_REFUSED)
    .map((name) => withoutPlaceholders(cutText(cleanLine(name), LONGEST_REFUSED, 'bytes', '…')));
  const more = names.length > MOST_REFUSED ? ` and ${names.length - MOST_REFUSED} more` : '';
  return `\n\n[Not attached, as Zendesk refuses it: ${listed.join(', ')}${more}]`;
}

const filled = (text: string | null | undefined): string | null => trimBlanks(text ?? '') || null;

/** Zendesk allows a few more. */
const LONGEST_SUBJECT = 150;
const LONGEST_FIRST_WORDS = 80;

/** Whom the ticket is for: the visitor by their address, else the fallback, else the connection's user. */
function requesterOf(name: string | null, email: string | null, fallback: number | undefined) {
  if (email === null) return fallback === undefined ? {} : { requester_id: fallback };
  // Zendesk wants a name for those that it does not know yet.
  return { requester: { name: cleanLine(name ?? '') || (email.split('@')[0] ?? email), email } };
}

function customFieldsOf(event: TicketEvent, { customFields }: ZendeskConfig): { id: number; value: string }[] {
  return Object.entries(customFields).flatMap(([id, source]) => {
    const inChat = 'from' in source && event.type === 'Chat.Ended' ? { from: `chat.${source.from}` } : null;
    // One mapping serves both events: "contact.company" is in the chat of one, and at the top of the other.
    const value = readSource(event, source) ?? (inChat && readSource(event, inChat));
    return value === null ? [] : [{ id: Number(id), value }];
  });
}

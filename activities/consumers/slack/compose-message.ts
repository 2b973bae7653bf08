import type { ChatEvent } from '../../../events/catalogue';
import { conversationOf } from '../../../events/conversation';
import { cutText } from '../../../events/cut-text';
import { eventKey } from '../../../events/event-key';
import { indented, oneLine } from '../../../events/readable-text';

/** Slack cuts a message after 40,000 characters; escaping makes at most five of one. */
export const MOST_CHARACTERS = 8_000;

/**
 * The message of an event: plain text, in which Slack finds no markup, no link with another text and no mention. Its last line is the
 * event's key, by which people recognise a message that has come twice.
 */
export function composeMessage(event: ChatEvent): Readonly<Record<string, unknown>> {
  const [title, ...more] = linesOf(event).filter((line) => line !== null && line !== '');
  const key = eventKey(event);
  const text = cutText([title, ...more].join('\n'), MOST_CHARACTERS - key.length - 1, 'characters', ' ...');
  return { text: escapeText(`${text}\n${key}`), mrkdwn: false, unfurl_links: false, unfurl_media: false };
}

/** The three characters by which links, mentions and entities begin and end. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function linesOf(event: ChatEvent): (string | null)[] {
  const at = event.receivedAt.replace('T', ' ').slice(0, 16);
  if (event.type === 'Chat.Ended') {
    const { chat, visitor } = event.data;
    const name = chat.contact.name ?? visitor?.lastKnownName ?? null;
    return [
      `Chat with ${who(name, chat.contact.email)} has ended, ${at} UTC`,
      fact('Department', chat.preChat.departmentName),
      fact('Rating', chat.ratingGrade),
      written('Conversation:\n    ', conversationOf(chat)),
    ];
  }
  if (event.type === 'OfflineMessage.Submit') {
    const { contact, title, content } = event.data;
    return [
      `Offline message from ${who(contact.name, contact.email)}, ${at} UTC`,
      fact('Subject', title),
      written('Message: ', content),
    ];
  }
  return [`${event.type}, site ${event.siteId}, ${at} UTC`];
}

const fact = (name: string, value: string | number | null): string | null =>
  value === null ? null : `${name}: ${oneLine(String(value))}`;

const written = (label: string, text: string | null): string =>
  text === null ? 'Nothing was written.' : `${label}${indented(text)}`;

/** A name is one line; the address is as it was entered. */
function who(name: string | null, email: string | null): string {
  const shown = [name === null ? '' : oneLine(name), email === null ? '' : `(${oneLine(email)})`].filter(Boolean);
  return shown.join(' ') || 'a visitor';
}

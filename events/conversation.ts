import type { DataOf } from './catalogue';
import { isBlank } from './kinds/blanks';
import { cleanText, indented, oneLine } from './readable-text';

type Chat = DataOf<'Chat.Ended'>['chat'];

/**
 * The conversation of a chat as one text, the same in every consumer: the messages line by line, under their days, or
 * else the transcript as the chat server wrote it; null for a chat without a message. A visitor's text or name cannot look
 * like a line of another person: further lines of a message are indented, a name is one line without colons.
 */
export function conversationOf({ messages, transcript }: Chat): string | null {
  const lines = messages.some(({ content }) => !isBlank(content ?? '')) ? linesOfMessages(messages) : [];
  if (lines.length > 0 && (messages.some(isSaid) || !showsSomething(transcript))) return lines.join('\n');
  return transcript === null || isBlank(transcript) ? null : cleanText(transcript);
}

/** True where a visitor, agent or bot said something; messages of the system, such as that an agent joined, do not count. */
export const hasWords = ({ messages, transcript }: Chat): boolean =>
  messages.some(isSaid) || showsSomething(transcript);

const isSaid = ({ senderType, content }: Chat['messages'][number]): boolean =>
  senderType !== 'system' && showsSomething(content);

/** Markup that shows nothing by itself, unlike a picture; and blanks as HTML writes them. */
const NOTHING =
  /<\/?(?:p|br|hr|div|span|font|b|i|u|s|em|strong|small|a|ul|ol|li|h[1-6]|blockquote|pre|code|html|body|table|tbody|tr|td)(?=[\s/>])[^<>]*>|&(?:nbsp|ensp|emsp|thinsp|zwnj|zwj|shy|#160|#xa0|#8203|#x200b);/gi;
/** Characters that change the one before them, which is not there. */
const SELECTORS = /[\u180b-\u180d\ufe00-\ufe0f\u{e0000}-\u{e01ef}]/gu;

/** True where something of the text can be seen, also once it is shown as HTML. */
export const showsSomething = (text: string | null): boolean =>
  text !== null && !isBlank(text.replace(NOTHING, '').replace(SELECTORS, ''));

/** Colons, and characters that look like one: the first colon of a line ends the name. */
const COLONS =
  /[:\u02d0\u02f8\u0589\u05c3\u0703-\u0709\u1361\u1365\u16ec\u1803\u1804\u205a\u205d\u2236\u2254\u2982\ua4fd\ua789\ufe13\ufe30\ufe55\uff1a]/g;

const speaker = (name: string): string => oneLine(name.replace(COLONS, ' '));

function linesOfMessages(messages: Chat['messages']): string[] {
  let day: string | undefined;
  return messages.flatMap(({ at, senderName, senderType, content }) => {
    const isNewDay = at !== null && at.slice(0, 10) !== day;
    if (isNewDay) day = at.slice(0, 10);
    const sender =
      speaker(senderName ?? '') || (typeof senderType === 'string' ? speaker(senderType) : '') || 'unknown';
    const line = `${at === null ? '' : `${at.slice(11, 19)} `}${sender}: ${indented(content ?? '')}`;
    return isNewDay ? [`${day} (UTC)`, line] : [line];
  });
}

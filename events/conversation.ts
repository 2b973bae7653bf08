import type { DataOf } from './catalogue';
import { isBlank } from './kinds/blanks';
import { cleanText, indented, oneLine } from './readable-text';

type Chat = DataOf<'Chat.Ended'>['chat'];

/**
 * What was said in a chat, as one text for people, the same in every consumer: the messages line by line, under their days, or
 * else the transcript as the chat server wrote it; null when nothing was written. What a visitor writes or is called cannot look
 * like a line of somebody else: further lines of a message are indented, a name is one line.
 */
export function conversationOf({ messages, transcript }: Chat): string | null {
  const lines = messages.some(({ content }) => !isBlank(content ?? '')) ? linesOfMessages(messages) : [];
  if (lines.length > 0) return lines.join('\n');
  return transcript === null || isBlank(transcript) ? null : cleanText(transcript);
}

function linesOfMessages(messages: Chat['messages']): string[] {
  let day: string | undefined;
  return messages.flatMap(({ at, senderName, senderType, content }) => {
    const isNewDay = at !== null && at.slice(0, 10) !== day;
    if (isNewDay) day = at.slice(0, 10);
    const sender =
      oneLine(senderName ?? '') || (typeof senderType === 'string' ? oneLine(senderType) : '') || 'unknown';
    const line = `${at === null ? '' : `${at.slice(11, 19)} `}${sender}: ${indented(content ?? '')}`;
    return isNewDay ? [`${day} (UTC)`, line] : [line];
  });
}

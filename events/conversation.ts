import type { DataOf } from './catalogue';

/** What was said in a chat, as one text: the transcript, or the messages line by line; null when nothing was written. */
export function conversationOf({ messages, transcript }: DataOf<'Chat.Ended'>['chat']): string | null {
  if (messages.length === 0) return transcript;
  return messages
    .map(({ at, senderName, senderType, content }) => {
      const sender = senderName ?? (typeof senderType === 'string' ? senderType : null) ?? 'unknown';
      return `${at === null ? '' : `${at.slice(11, 19)} `}${sender}: ${content ?? ''}`;
    })
    .join('\n');
}

import { v5 } from 'uuid';
import type { ChatEvent } from '../../../events/catalogue';
import { cutText } from '../../../events/cut-text';

/** Must never change: receivers know a message by its id. */
const MESSAGES = '0f5a1a5c-6d0e-4b5e-9a53-5b9a1c1f7d21';

/** `webhook-id` of an event: the same for every endpoint and on every try. */
export const messageId = (key: string): string => v5(key, MESSAGES);

/** Most bytes of a body; beyond it the transcript is cut. */
export const MAX_BODY_BYTES = 1_000_000;

/** The body for an event: `{ type, timestamp, data }`, data in the event's internal form, files by name and size only. */
export function composeBody(event: ChatEvent): string {
  const { type, receivedAt: timestamp } = event;
  const whole = JSON.stringify({ type, timestamp, data: withoutFiles(event) });
  const excess = Buffer.byteLength(whole) - MAX_BODY_BYTES;
  if (excess <= 0 || event.type !== 'Chat.Ended') return whole;
  const data = { ...event.data, chat: shortened(event.data.chat), transcriptTruncated: true };
  return JSON.stringify({ type, timestamp, data });
}

function withoutFiles(event: ChatEvent): unknown {
  if (event.type !== 'OfflineMessage.Submit') return event.data;
  const attachments = event.data.attachments.map(({ content: _bytes, ...rest }) => rest);
  return { ...event.data, attachments };
}

type Chat = Extract<ChatEvent, { type: 'Chat.Ended' }>['data']['chat'];

/** Room that the text and the list of messages get, each, when both together are too long. */
const ROOM_BYTES = 400_000;

function shortened(chat: Chat): Chat {
  let left = ROOM_BYTES;
  const messages = chat.messages.filter((message) => (left -= Buffer.byteLength(JSON.stringify(message)) + 1) >= 0);
  return { ...chat, transcript: chat.transcript && cutText(chat.transcript, ROOM_BYTES, 'bytes of JSON'), messages };
}

import { v5 } from 'uuid';
import type { ChatEvent } from '../../../events/catalogue';
import type { Json } from '../../../events/kinds/json';
import { shorten } from './shorten';

/** Must never change: receivers recognise a message by its id. */
const MESSAGES = '0f5a1a5c-6d0e-4b5e-9a53-5b9a1c1f7d21';

/** `webhook-id` of an event: the same for every endpoint and on every try. */
export const messageId = (key: string): string => v5(key, MESSAGES);

/** Most bytes of a body. */
export const MAX_BODY_BYTES = 1_000_000;
/** Room for the list of the fields that were cut; its paths are names of the catalogue. */
const FLAGS_BYTES = 5_000;
const CONVERSATION = ['chat.transcript', 'chat.messages'];

/**
 * The body for an event: `{ type, timestamp, data }`, data in the event's internal form, files by name and size only. Data that is
 * too large is cut as `shorten` says and named in `data.truncated`; it is the same on every try.
 */
export function composeBody(event: ChatEvent): string {
  const { type, receivedAt: timestamp } = event;
  const whole = JSON.stringify({ type, timestamp, data: withoutFiles(event) });
  if (Buffer.byteLength(whole) <= MAX_BODY_BYTES) return whole;
  const { data } = JSON.parse(whole) as { data: { [key: string]: Json } }; // it was written so one line above
  const around = Buffer.byteLength(JSON.stringify({ type, timestamp, data: {} }));
  const { value, cut: truncated } = shorten(data, MAX_BODY_BYTES - FLAGS_BYTES - around);
  const flags = {
    ...(CONVERSATION.some((path) => truncated.includes(path)) && { transcriptTruncated: true }),
    truncated,
  };
  return JSON.stringify({ type, timestamp, data: { ...(value as typeof data), ...flags } }); // an object stays one
}

function withoutFiles(event: ChatEvent): unknown {
  if (event.type !== 'OfflineMessage.Submit') return event.data;
  const attachments = event.data.attachments.map(({ content: _bytes, ...rest }) => rest);
  return { ...event.data, attachments };
}

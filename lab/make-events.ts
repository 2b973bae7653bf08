import { randomUUID } from 'node:crypto';
import type { EventType, WireData } from '../client';
import { catalogue } from '../events/catalogue';
import { chatEndedExample } from '../events/chat-ended-example';
import type { DayLine } from './read-day';

/** An event as a chat server hands it to publish. */
export interface MadeEvent {
  readonly type: EventType;
  readonly id?: string;
  readonly data: WireData[EventType];
}

/** The catalogue's example as another chat of another visitor. */
export function makeChat(siteId: string = String(chatEndedExample.Chat.SiteId)) {
  const { Chat, Visitor, ...others } = chatEndedExample;
  const id = randomUUID();
  const chat = { ...Chat, SiteId: Number(siteId), ChatId: id, SessionId: id };
  return { type: 'Chat.Ended', data: { Chat: chat, Visitor: { ...Visitor, Id: id }, ...others } } as const;
}

/** Types with one data queue, each of whose events leaves rows of its own. */
const SINGLE_QUEUE_TYPES = [
  'CannedMessage.UseLog',
  'PrivateMessage.Log',
  'ChatQueue.Log',
  'AgentStatus.Log',
  'AutoInvitation.Log',
  'ManualInvitation.Log',
  'Visit.Log',
  'Conversion.Log',
  'Agent.Ban',
] as const satisfies readonly EventType[];

/** The nth event: each type in turn, of twenty sites or of the given one, with the data of its catalogue's example. */
export function singleQueueEvent(n: number, siteId: number = 30_000 + (n % 20)): Required<MadeEvent> {
  const type = SINGLE_QUEUE_TYPES[n % SINGLE_QUEUE_TYPES.length] ?? 'Agent.Ban';
  return { type, data: { ...catalogue[type].example, SiteId: siteId }, id: randomUUID() };
}

/** One transcript in so many is longer than a Salesforce description and a Zendesk comment may be. */
const LONG_EVERY = 40;
const LONG = `Ann: ${'😀 That is a long story. '.repeat(4_000)}`;
const MODES = 11;

const values = (fields: Readonly<Record<string, string>>): object[] =>
  Object.entries(fields).map(([Name, value]) => ({ Name, value, DisplayValue: value }));
const Subject = 'Chat with Ann Example';
const orders = {
  Cases: values({ Subject, Origin: 'Chat' }),
  Tasks: values({ Subject }),
  Leads: values({ Title: 'Visitor' }),
  CreateContact: values({ Department: 'Support' }),
  UpdateContact: values({ Phone: '+1 555 0199', Title: 'Customer' }),
};

/** The author of the chats and messages. */
export const visitor = { name: chatEndedExample.Chat.PreChatName, email: chatEndedExample.Chat.PreChatEmail };

/**
 * Three chats to one offline message, of the sites in turn; the chats ask for each mode of Salesforce in turn.
 *
 * @param padBytes how much longer a transcript is
 */
export function makeLines(seed: number, events: number, sites: readonly string[], padBytes = 0): DayLine[] {
  const { Chat, ...rest } = chatEndedExample;
  return Array.from({ length: events }, (_, i) => {
    const id = `${seed}-${i}`;
    const SiteId = Number(sites[i % sites.length]);
    if (i % 4 === 3) {
      const data = { ...catalogue['OfflineMessage.Submit'].example, SiteId };
      return { type: 'OfflineMessage.Submit', id, data: JSON.stringify(data) };
    }
    const content = (i % LONG_EVERY === 0 ? LONG : Chat.content) + ' x'.repeat(padBytes / 2);
    const data = { ...rest, Chat: { ...Chat, SiteId, ChatId: id, content } };
    return {
      type: 'Chat.Ended',
      data: JSON.stringify({ ...data, Salesforce: { PurposeChatEnd: i % MODES, ...orders } }),
    };
  });
}

/** Of the drill; each has an account at every destination. */
export const SITES = ['10001', '10002', '10003'] as const;

/** Of ten events so many are chats or offline messages, for up to six destinations; the others are stored only. */
const FAR_OF_TEN = 3;

/** The events that the chat servers of a drill publish, the same for the same seed. */
export function makeEvents(seed: number, count: number, padBytes = 0): DayLine[] {
  const far = makeLines(seed, count, SITES, padBytes);
  return Array.from({ length: count }, (_, n) => {
    const line = far[Math.floor(n / 10) * FAR_OF_TEN + (n % 10)];
    if (n % 10 < FAR_OF_TEN && line !== undefined) return line;
    const { type, data } = singleQueueEvent(n, Number(SITES[n % SITES.length]));
    return { type, id: `${seed}-single-${n}`, data: JSON.stringify(data) };
  });
}

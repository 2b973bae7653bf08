import { catalogue } from '../../events/catalogue';
import { chatEndedExample } from '../../events/chat-ended-example';
import type { DayLine } from '../read-day';

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

/** Whom the chats and messages are from. */
export const visitor = { name: chatEndedExample.Chat.PreChatName, email: chatEndedExample.Chat.PreChatEmail };

/** Three chats to one offline message, of the sites in turn; the chats ask for each mode of Salesforce in turn. */
export function makeLines(seed: number, events: number, sites: readonly string[]): DayLine[] {
  const { Chat, ...rest } = chatEndedExample;
  return Array.from({ length: events }, (_, i) => {
    const id = `${seed}-${i}`;
    const SiteId = Number(sites[i % sites.length]);
    if (i % 4 === 3) {
      const data = { ...catalogue['OfflineMessage.Submit'].example, SiteId };
      return { type: 'OfflineMessage.Submit', id, data: JSON.stringify(data) };
    }
    const chat = { ...Chat, SiteId, ChatId: id, ...(i % LONG_EVERY === 0 && { content: LONG }) };
    const data = { ...rest, Chat: chat, Salesforce: { PurposeChatEnd: i % MODES, ...orders } };
    return { type: 'Chat.Ended', data: JSON.stringify(data) };
  });
}

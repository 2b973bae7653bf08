import type { Requester, TicketEntry } from '../../../db/tickets/ticket-entry';
import type { ChatEvent, DataOf } from '../../../events/catalogue';
import { conversationOf } from '../../../events/conversation';
import { eventKey } from '../../../events/event-key';
import { oneLine } from '../../../events/readable-text';
import { visitorAddress } from '../../../events/visitor-address';

type Chat = DataOf<'Chat.Ended'>['chat'];

/** The entry that an event adds to a ticket; undefined when it neither opens nor names one. */
export function readEntry(event: ChatEvent): TicketEntry | undefined {
  if (event.type === 'Chat.Ended') return ofChat(event);
  return event.type === 'OfflineMessage.Submit' ? ofOfflineMessage(event) : undefined;
}

function ofChat(event: ChatEvent<'Chat.Ended'>): TicketEntry | undefined {
  const { chat, visitor } = event.data;
  const opens = chat.isNewTicket === true;
  if (!opens && chat.ticketId === null) return undefined;
  const name = chat.contact.name ?? visitor?.lastKnownName ?? null;
  const email = chat.contact.email ?? visitor?.lastKnownEmail ?? null;
  return {
    ...identityOf(event),
    externalTicketId: chat.ticketId,
    opens,
    subject: oneLine(`Chat with ${name ?? 'a visitor'}`),
    source: 'chat',
    chatId: chat.chatId,
    sourceChatId: null,
    ...routeOf(chat),
    requester: requesterOf(visitorAddress(event), { ...chat.contact, name }),
    message: {
      kind: 'transcript',
      authorName: name,
      authorEmail: email,
      body: conversationOf(chat),
    },
    attachments: chat.attachments.map(({ name: file, url, isNote }) => ({
      name: file,
      size: null,
      sha256: null,
      url,
      isNote: isNote === true,
    })),
  };
}

function ofOfflineMessage(event: ChatEvent<'OfflineMessage.Submit'>): TicketEntry {
  const { data } = event;
  const { name, email } = data.contact;
  return {
    ...identityOf(event),
    externalTicketId: data.ticketId,
    opens: data.ticketId === null,
    subject: oneLine(data.title ?? `Offline message from ${name ?? 'a visitor'}`),
    source: 'offlineMessage',
    chatId: null,
    sourceChatId: data.sourceChatId,
    departmentId: data.routeToType === 'department' ? data.routeToId : null,
    agentId: data.routeToType === 'agent' ? data.routeToId : null,
    agentIds: [],
    requester: requesterOf(visitorAddress(event), data.contact),
    message: { kind: 'offlineMessage', authorName: name, authorEmail: email, body: data.content },
    attachments: data.attachments.map(({ name: file, size, sha256 }) => ({
      name: file,
      size,
      sha256,
      url: null,
      isNote: false,
    })),
  };
}

function identityOf(event: ChatEvent) {
  return { eventKey: eventKey(event), siteId: event.siteId, receivedAt: event.receivedAt };
}

/**
 * Where a chat was last: the department of the last transfer to one, else that chosen before the chat; the agent of the last
 * transfer to one, else the only one who took part. The list of agents has no order that the chat server promises.
 */
function routeOf({ transfers, preChat, agentIds }: Chat) {
  const lastTo = (kind: string) =>
    transfers.findLast((transfer) => transfer.kind === kind && transfer.isSuccessful !== false)?.toId ?? null;
  const onlyAgent = agentIds.length === 1 ? (agentIds[0] ?? null) : null;
  return {
    departmentId: lastTo('department') ?? preChat.departmentId,
    agentId: lastTo('agent') ?? onlyAgent,
    agentIds,
  };
}

/** A text that is no address, such as "none", identifies no contact. */
function requesterOf(address: string | null, { name, phone, company }: Omit<Requester, 'email'>): Requester | null {
  return address === null ? null : { email: address.toLowerCase(), name, phone, company };
}

import { createHash } from 'node:crypto';
import type { ChatEvent } from '../../../events/catalogue';
import { hasWords, showsSomething } from '../../../events/conversation';
import { canonicalId } from '../../../events/kinds/guid';
import { visitorAddress } from '../../../events/visitor-address';
import type { EmailConfig } from './account';

export interface Recipient {
  readonly address: string;
  /** 16 hexadecimal digits that stand for the address wherever it must not appear. */
  readonly hash: string;
  /** A visitor sees the conversation only; the others see the site's data, too. */
  readonly isVisitor: boolean;
}

export type MailedEvent = ChatEvent<'Chat.Ended' | 'OfflineMessage.Submit'>;

/** True for the events that there is a mail for. */
export const isMailed = (event: ChatEvent): event is MailedEvent =>
  event.type === 'Chat.Ended' || event.type === 'OfflineMessage.Submit';

/** All recipients of the event, each once: addresses that differ in case are one. */
export function findRecipients(event: MailedEvent, config: EmailConfig): Recipient[] {
  const department = departmentOf(event);
  const ofDepartment = Object.entries(config.recipientsByDepartment ?? {}).filter(
    ([id]) => department !== null && canonicalId(id) === canonicalId(department),
  );
  const staff =
    ofDepartment.length > 0 ? ofDepartment.flatMap(([, list]) => list) : (config.recipients[event.type] ?? []);
  const visitor = config.transcriptToVisitor && event.type === 'Chat.Ended' ? visitorAddress(event) : null;
  const found = new Map<string, Recipient>();
  const add = (address: string, isVisitor: boolean): void => {
    const hash = createHash('sha256').update(address.toLowerCase()).digest('hex').slice(0, 16);
    if (!found.has(hash)) found.set(hash, { address, hash, isVisitor });
  };
  for (const address of staff) add(address, false);
  if (visitor !== null) add(visitor, true);
  return [...found.values()];
}

/**
 * True where a mail has content: words, files, and for staff the comments of agent or visitor about the chat. A chat without
 * content is not mailed.
 */
export function hasContent(event: MailedEvent, { isVisitor }: Pick<Recipient, 'isVisitor'>): boolean {
  if (event.type !== 'Chat.Ended') return true;
  const { chat } = event.data;
  const files = chat.attachments.filter(({ name, url }) => name !== null || url !== null);
  if (hasWords(chat) || files.some(({ isNote }) => !isVisitor || isNote !== true)) return true;
  return !isVisitor && [chat.agentComment, chat.ratingComment].some((text) => showsSomething(text));
}

function departmentOf(event: MailedEvent): string | null {
  if (event.type === 'Chat.Ended') return event.data.chat.preChat.departmentId;
  return event.data.routeToType === 'department' ? event.data.routeToId : null;
}

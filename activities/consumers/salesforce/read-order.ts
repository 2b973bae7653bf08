import type { ChatEvent } from '../../../events/catalogue';
import { conversationOf } from '../../../events/conversation';
import { isBlank } from '../../../events/kinds/blanks';
import { oneLine } from '../../../events/readable-text';
import { enteredAddress, firstAddress } from '../../../events/visitor-address';
import { readSource } from '../../event-field';
import { DeliveryFailure } from '../../failures';
import type { SalesforceConfig } from './account';
import { isModeName, modes, type Mode } from './modes';

export type SentEvent = ChatEvent<'Chat.Ended' | 'OfflineMessage.Submit'>;

/** Values by the name of their field, as they were given. */
export type Values = Readonly<Record<string, string>>;

/** The records to write, from an event of either type. */
export interface Order {
  readonly mode: Mode;
  /** For the case or task. */
  readonly recordValues: Values;
  /** For the contact or lead. */
  readonly targetValues: Values;
  /** Record to attach to, where the list of fields names one. */
  readonly targetId: string | null;
  /** To find the contact or lead by, as it was entered. */
  readonly email: string | null;
  /** Values beside the lists; written where the lists say nothing. */
  readonly person: { readonly name: string | null; readonly company: string | null; readonly phone: string | null };
  readonly subject: string;
  readonly text: string | null;
  /** Milliseconds since 1970: nothing of it can have been written a day before. */
  readonly receivedAt: number;
}

/** True for the events that this consumer writes something for. */
export const isSent = (event: ChatEvent): event is SentEvent =>
  event.type === 'Chat.Ended' || event.type === 'OfflineMessage.Submit';

/** @returns null when there is nothing to write. @throws DeliveryFailure Rejected for an unknown mode */
export function readOrder(event: SentEvent, config: SalesforceConfig): Order | null {
  return event.type === 'Chat.Ended' ? ofChat(event) : ofMessage(event, config.offlineMessage);
}

function ofChat(event: ChatEvent<'Chat.Ended'>): Order | null {
  const { chat, visitor, salesforce } = event.data;
  if (salesforce === null) return null;
  const name = salesforce.mode ?? 'createCase';
  if (!isModeName(name)) {
    const message = 'PurposeChatEnd is none of 0 to 10; discard the delivery, and correct the chat server.';
    throw new DeliveryFailure('Rejected', message, { details: { code: 'SF_MODE_UNKNOWN' } });
  }
  // The seed cannot tell "create a case" from "nothing is configured".
  if (name === 'createCase' && salesforce.caseFields.length === 0) return null;
  const { contact } = chat;
  return order(event, modes[name], (list) => valuesOf(salesforce[list]), {
    email: enteredAddress(event),
    person: contact,
    subject: oneLine(`Chat with ${contact.name ?? visitor?.lastKnownName ?? 'a visitor'}`),
    text: conversationOf(chat),
  });
}

function ofMessage(event: ChatEvent<'OfflineMessage.Submit'>, config: SalesforceConfig['offlineMessage']): Order {
  const { contact, title, content } = event.data;
  const mapped = (list: FieldList): Values =>
    Object.fromEntries(
      Object.entries(config[list]).flatMap(([name, source]) => {
        const value = readSource(event, source);
        return value === null || isBlank(value) ? [] : [[name, value]];
      }),
    );
  return order(event, modes[config.mode], mapped, {
    email: enteredAddress(event),
    person: contact,
    subject: oneLine(title ?? `Message from ${contact.name ?? 'a visitor'}`),
    text: content,
  });
}

type FieldList = Exclude<keyof SalesforceConfig['offlineMessage'], 'mode'>;

function order(
  { receivedAt }: SentEvent,
  mode: Mode,
  listed: (list: FieldList) => Values,
  known: Pick<Order, 'email' | 'person' | 'subject' | 'text'>,
): Order {
  const all = mode.targetFields === null ? {} : listed(mode.targetFields);
  const named = (wanted: string): string | undefined =>
    Object.entries(all).findLast(([name, value]) => name.toLowerCase() === wanted && !isBlank(value))?.[1];
  const withoutId = Object.entries(all).filter(([name]) => name.toLowerCase() !== 'id');
  return {
    ...known,
    mode,
    recordValues: listed(mode.record === 'Case' ? 'caseFields' : 'taskFields'),
    targetValues: Object.fromEntries(withoutId),
    targetId: mode.how === 'create' ? null : (named('id') ?? null),
    email: firstAddress([named('email'), known.email]),
    receivedAt: Date.parse(receivedAt),
  };
}

/** The last of a name stands; a field without a value is not written. */
const valuesOf = (list: readonly { readonly name: string | null; readonly value: string | null }[]): Values =>
  Object.fromEntries(
    list.flatMap(({ name, value }) => (name === null || value === null || isBlank(value) ? [] : [[name, value]])),
  );

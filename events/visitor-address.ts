import { isAddress, readAddress } from './address';
import type { ChatEvent } from './catalogue';
import { isBlank } from './kinds/blanks';

type VisitorEvent = ChatEvent<'Chat.Ended' | 'OfflineMessage.Submit'>;

/** The first text that is an address, else the first that is not blank: "-" counts as little as an empty field. */
export function firstAddress(texts: readonly (string | null | undefined)[]): string | null {
  const filled = texts.flatMap((text) => (text === null || text === undefined || isBlank(text) ? [] : [text]));
  return filled.find(isAddress) ?? filled[0] ?? null;
}

/** The address that the visitor entered; where that is no address, the one last known. */
export function enteredAddress(event: VisitorEvent): string | null {
  const { contact } = event.type === 'Chat.Ended' ? event.data.chat : event.data;
  return firstAddress([contact.email, event.type === 'Chat.Ended' ? event.data.visitor?.lastKnownEmail : null]);
}

/** The visitor's address as it is sent to, null where none is known: the same for every consumer. */
export const visitorAddress = (event: VisitorEvent): string | null => readAddress(enteredAddress(event));

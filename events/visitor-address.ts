import { readAddress } from './address';
import type { ChatEvent } from './catalogue';
import { isBlank } from './kinds/blanks';

type VisitorEvent = ChatEvent<'Chat.Ended' | 'OfflineMessage.Submit'>;

/** What the visitor entered for their address, whatever it is; else the address last known. */
export function enteredAddress(event: VisitorEvent): string | null {
  const { contact } = event.type === 'Chat.Ended' ? event.data.chat : event.data;
  if (contact.email !== null && !isBlank(contact.email)) return contact.email;
  return event.type === 'Chat.Ended' ? (event.data.visitor?.lastKnownEmail ?? null) : null;
}

/** The visitor's address as it is sent to, null where what they entered is none: the same for every consumer. */
export const visitorAddress = (event: VisitorEvent): string | null => readAddress(enteredAddress(event));

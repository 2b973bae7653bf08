import { randomUUID } from 'node:crypto';
import type { Attachment } from '../events/attachment';
import type { SignInStore } from '../activities/connections/sign-in';
import type { Account, SendRequest } from '../activities/consumer';
import { signInOf } from '../activities/connections/sign-in-store';
import { catalogue, type ChatEvent, type EventType } from '../events/catalogue';
import { readEvent } from '../events/read-event';

interface Parts {
  readonly account?: Account;
  readonly deliveryId?: string;
  readonly attachments?: readonly Attachment[];
  readonly signal?: AbortSignal;
  /** Default: of the account's secrets, in memory. */
  readonly signIn?: SignInStore;
}

/** What a consumer is sent for an event, with a progress that is kept as the delivery's row keeps it. */
export function sendRequest(event: ChatEvent, parts: Parts = {}): SendRequest {
  const progress: Record<string, unknown> = {};
  const account = parts.account ?? { config: {}, secrets: {} };
  return {
    deliveryId: parts.deliveryId ?? randomUUID(),
    key: `${event.type}/${event.siteId}/${event.id}`,
    event,
    tries: 0,
    connectionId: randomUUID(),
    connectionEdition: 1,
    account,
    loadAttachments: async () => parts.attachments ?? [],
    progress,
    saveProgress: async (done) => void Object.assign(progress, done),
    signIn: parts.signIn ?? signInOf(account.secrets).store,
    signal: parts.signal ?? AbortSignal.timeout(30_000),
    allSent: () => () => {},
    stopping: new AbortController().signal,
  };
}

/** The event of a type in its internal form: the catalogue's example, with `data` in wire form over it. */
export function exampleEvent(type: EventType, data: Readonly<Record<string, unknown>> = {}): ChatEvent {
  const input = { type, data: { ...catalogue[type].example, ...data } };
  const read = readEvent(input, { id: `${type}-1`, receivedAt: '2026-11-20T10:00:00.000Z' });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.event;
}

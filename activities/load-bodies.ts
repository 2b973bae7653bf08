import type { TakenDelivery } from '../db/take-deliveries';
import type { ChatEvent } from '../events/catalogue';
import type { LoadedAttachment } from './consumer';
import type { Delivering } from './deliver';
import { DeliveryFailure } from './failures';

/** What a send has in memory beside its row. */
export interface Bodies {
  /** @throws DeliveryFailure when there is no room for it now */
  event(): Promise<ChatEvent>;
  /** The same list each time. @throws DeliveryFailure when there is no room for it now */
  attachments(): Promise<readonly LoadedAttachment[]>;
  /** Gives the room back, once or more often. */
  leave(): void;
}

/** Loads the event of a delivery and its files when they are asked for, each once there is room for it. */
export function openBodies(row: TakenDelivery, { db, inFlight, slots }: Delivering): Bodies {
  const taken: (() => void)[] = [];
  let files: Promise<readonly LoadedAttachment[]> | undefined;

  async function takeRoom(bytes: number): Promise<void> {
    if (bytes === 0) return;
    const room = await inFlight.bytes.take(bytes, slots.isSlow(row.event.siteId));
    if (typeof room === 'function') return void taken.push(room);
    const message = 'As many large events as this process may have in memory are being sent.';
    throw new DeliveryFailure('Unavailable', message, { ours: true, retryAfterMs: room });
  }

  async function loadFiles({ type, data }: ChatEvent): Promise<readonly LoadedAttachment[]> {
    if (type !== 'OfflineMessage.Submit') return [];
    await takeRoom(data.attachments.reduce((sum, { size }) => sum + size, 0));
    return await db.readAttachments(db.autocommit, row.key);
  }

  async function loadEvent(): Promise<ChatEvent> {
    if (row.bytesLeft === 0) return row.event;
    await takeRoom(row.bytesLeft);
    const data = await db.readEventData(db.autocommit, row.key);
    return { ...row.event, data } as ChatEvent; // the data of the same row
  }

  let event: Promise<ChatEvent> | undefined;
  const load = (): Promise<ChatEvent> => (event ??= loadEvent());
  return {
    event: load,
    attachments: () => (files ??= load().then(loadFiles)),
    leave: () => taken.splice(0).forEach((give) => give()),
  };
}

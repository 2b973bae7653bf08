import type { TakenDelivery } from '../../db/take-deliveries';
import type { ChatEvent } from '../../events/catalogue';
import type { Attachment } from '../../events/attachment';
import type { DeliverCall } from './deliver-call';
import { DeliveryFailure } from '../failures';
import { NoRoom } from './no-room';

/** The event's data and its files, which a send has in memory beside the row. */
export interface Bodies {
  /** @throws DeliveryFailure when the process has no memory for it now */
  event(): Promise<ChatEvent>;
  /** The same list each time. @throws DeliveryFailure when the process has no memory for it now */
  attachments(): Promise<readonly Attachment[]>;
  /** Gives the memory back; may be called more than once. Nothing is loaded afterwards. */
  leave(): void;
  /** Leaves, and empties the loaded values, to which the consumer that waits for an answer still refers. */
  empty(): void;
}

/** Loads the event of a delivery and its files when they are asked for and the process has memory for them. */
export function openBodies(row: TakenDelivery, { db, inFlight, slots }: DeliverCall): Bodies {
  const taken: (() => void)[] = [];
  let isOver = false;
  let files: Promise<Attachment[]> | undefined;

  async function takeRoom(bytes: number): Promise<void> {
    if (isOver) throw sendIsOver();
    if (bytes === 0) return;
    const { siteId } = row.event;
    const room = await inFlight.bytes.take(bytes, siteId, slots.isSlow(siteId));
    const message = 'This process has as many large events in memory as it may.';
    if (typeof room !== 'function') throw new NoRoom(message, room);
    taken.push(room);
    if (!isOver) return;
    leave(); // the send has ended while it waited
    throw sendIsOver();
  }

  async function loadFiles({ type, data }: ChatEvent): Promise<Attachment[]> {
    if (type !== 'OfflineMessage.Submit') return [];
    await takeRoom(data.attachments.reduce((sum, { size }) => sum + size, 0));
    return [...(await db.readAttachments(row.key))];
  }

  async function loadEvent(): Promise<ChatEvent> {
    if (row.bytesLeft === 0) return row.event;
    await takeRoom(row.bytesLeft);
    const data = await db.readEventData(row.key);
    return { ...row.event, data } as ChatEvent; // the data of the same row
  }

  function leave(): void {
    isOver = true;
    taken.splice(0).forEach((give) => give());
  }

  let event: Promise<ChatEvent> | undefined;
  const load = (): Promise<ChatEvent> => (event ??= loadEvent());
  return {
    event: load,
    attachments: () => (files ??= load().then(loadFiles)),
    leave,
    empty() {
      leave();
      files?.then((list) => list.splice(0)).catch(() => {}); // then there is nothing to empty
      if (row.bytesLeft > 0) event?.then((loaded) => Object.assign(loaded, { data: {} })).catch(() => {});
    },
  };
}

const sendIsOver = (): DeliveryFailure =>
  new DeliveryFailure('Unavailable', 'The send has ended, so nothing more is loaded for it.', { ours: true });

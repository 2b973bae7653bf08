import { MAX_EVENT_BYTES } from '../events/check-bounds';
import type { EventType, WireData } from '../events/wire-data';
import { Clusters, type ClusterStatus } from './clusters';
import { JournalLocked, PublisherClosed } from './errors';
import { Journal, type JournalOptions } from './journal/journal';
import { Outbox, type JournalStatus } from './journal/outbox';
import { isDiskFull } from './journal/kept-segments';
import { openLargeEventStore, type LargeEventStore } from './large-events';
import { PendingEvents } from './pending-events';
import { MAX_INPUT_BYTES, prepareEvent, type PublishEventOptions } from './prepare-event';
import { readPublisherOptions, type PublisherOptions, type PublisherSettings } from './publisher-options';

export interface Receipt {
  readonly id: string;
  /** `{type}/{siteId}/{id}`. */
  readonly key: string;
  /** The workflow that carries the event: its key, or a batch, which carries several events. With a journal always its key. */
  readonly workflowId: string;
  /** Name of the cluster that has the event, or `journal`. */
  readonly acceptedBy: string;
  /** True if the cluster had it already from another publish. Best effort; with a journal false. */
  readonly duplicate: boolean;
  /**
   * Where the data have keys that no field of the type has, such as `data.Chat.RatngGrade`: they are kept in `extra`. The first 20,
   * each cut to 100 characters.
   */
  readonly unknownFields: readonly string[];
}

export interface PublisherStatus {
  /** In order of preference. */
  readonly clusters: readonly ClusterStatus[];
  /** Events that a cluster had already from another publish. Best effort. */
  readonly duplicates: number;
  /** Events that another cluster than the one tried first has accepted, or that were started again as the database did not know them. */
  readonly takenOver: number;
  /** Accepted events with a key that no field of their type has: see `unknownFields` of the receipt. */
  readonly withUnknownFields: number;
  /** Null where the publisher has none. */
  readonly journal: JournalStatus | null;
}

export interface Publisher {
  /**
   * Hands one event over. When it resolves, a Temporal cluster has the event on its disk, or with a journal this machine has; publishing the same id again (or the same chat's
   * Chat.Ended without an id) changes nothing.
   *
   * @param type the event's exact name, such as `Chat.Ended`
   * @param data the event's data as the chat server spells it, as an object or as JSON text; text keeps 64-bit ids whole. Data that
   *   TypeScript does not know are checked here in any case: pass them `as WireData[typeof type]`
   * @throws InvalidEvent, EventTooLarge, IdConflict: this event cannot be published so
   * @throws ClusterUnavailable, ClusterRefused, PublisherBusy, PublisherClosed: not now, or not like this; all within `deadlineMs`
   * @throws LargeEventStoreUnavailable: the folder of large events does not take it
   * @throws JournalFull, JournalUnavailable, with a journal instead of those of the cluster and its deadline; JournalUnavailable also while another publisher has it
   */
  publish<T extends EventType>(type: T, data: WireData[T] | string, options?: PublishEventOptions): Promise<Receipt>;
  status(): PublisherStatus;
  /**
   * Takes no more events, waits until each one at hand is accepted or has failed (at most `deadlineMs`), then disconnects.
   * What the journal still has goes on with the next publisher on its folder.
   */
  close(): Promise<void>;
}

/**
 * Creates what a chat server publishes its events through; one for the whole process. It connects with the first event, or
 * when its journal has events of an earlier process.
 *
 * @throws TypeError that names every option that cannot be used
 * @throws JournalLocked when a process of this machine surely uses the journal; else this one waits until it is free
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const settings = readPublisherOptions(options);
  const store = settings.largeEventsDir === null ? undefined : openLargeEventStore(settings.largeEventsDir);
  const limit = store === undefined ? MAX_INPUT_BYTES : MAX_EVENT_BYTES;
  const clusters = openClusters(settings, store);
  const journal = settings.journal && openJournal(settings.journal, settings);
  const outbox = journal && new Outbox(settings, clusters, journal);
  const events = outbox ?? new PendingEvents(settings, clusters);
  const atHand = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  let withUnknownFields = 0;

  async function publishEvent(type: EventType, data: object | string, given?: PublishEventOptions): Promise<Receipt> {
    const { unknownFields, ...event } = prepareEvent(type, data, given, limit);
    const { workflowId, acceptedBy, duplicate } = await events.accept(event);
    if (unknownFields.length > 0) withUnknownFields += 1;
    return { id: event.id, key: event.key, workflowId, acceptedBy, duplicate, unknownFields };
  }

  async function finish(): Promise<void> {
    await Promise.allSettled(atHand);
    await events.close();
  }

  return {
    async publish(type, data, given) {
      const publishing = closing
        ? Promise.reject(new PublisherClosed({ type, id: given?.id?.toString() }))
        : publishEvent(type, data, given);
      atHand.add(publishing);
      try {
        return await publishing;
      } catch (error) {
        // A caller that publishes again at once, as long as it is refused, must not keep disk, sockets and timers from their turn.
        await new Promise(setImmediate);
        throw error;
      } finally {
        atHand.delete(publishing);
      }
    },
    status: () => ({
      clusters: clusters.status(),
      duplicates: clusters.duplicates,
      takenOver: clusters.takenOver,
      withUnknownFields,
      journal: outbox && outbox.status(),
    }),
    close: () => (closing ??= finish()),
  };
}

/** Connects to nobody yet. */
function openClusters(settings: PublisherSettings, store?: LargeEventStore): Clusters {
  try {
    return new Clusters({ ...settings, probeDeadlineMs: settings.attemptDeadlineMs }, store);
  } catch (cause) {
    // The client throws what it finds in certificates and keys.
    throw new TypeError(`createPublisher: clusters cannot be used: ${(cause as Error).message}`, { cause });
  }
}

function openJournal(options: JournalOptions, limits: PublisherSettings): Journal {
  try {
    return new Journal(options, limits);
  } catch (error) {
    if (error instanceof JournalLocked) throw error;
    const { code, message } = error as NodeJS.ErrnoException; // the file system throws nothing else
    const advice = isDiskFull(error)
      ? 'The disk is full: make room there.'
      : 'This user must be able to make and write files there.';
    throw new TypeError(`createPublisher: journal.dir ${options.dir} cannot be used (${code ?? message}). ${advice}`, {
      cause: error,
    });
  }
}

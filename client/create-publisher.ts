import { MAX_EVENT_BYTES } from '../events/check-bounds';
import type { EventType } from '../events/wire-data';
import { Clusters } from './clusters';
import { JournalLocked, PublisherClosed, type EventIds } from './errors';
import { Journal } from './journal/journal';
import { Outbox } from './journal/outbox';
import { isDiskFull } from './journal/kept-segments';
import { openLargeEventStore } from './large-events';
import type { Payloads } from './payloads';
import { PendingEvents } from './pending-events';
import { MAX_INPUT_BYTES, prepareEvent, type CheckedEvent, type PublishEventOptions } from './prepare-event';
import type { Publisher, Receipt } from './publisher';
import {
  readPublisherOptions,
  type JournalOptions,
  type PublisherOptions,
  type PublisherSettings,
} from './publisher-options';

/**
 * Creates the publisher of a chat server; one for the whole process. It connects with the first event, or
 * when its journal has events of an earlier process.
 *
 * @throws TypeError that names every option that cannot be used
 * @throws JournalLocked when a process of this machine surely uses the journal; else this one waits until it is free
 */
export function createPublisher(options: PublisherOptions): Publisher {
  return openPublisher(options);
}

/** A publisher whose caller may look at an event between its check and its acceptance. */
export interface OpenPublisher extends Publisher {
  /**
   * The first half of `publish`.
   *
   * @param data JSON text, or a value of JSON that the caller does not change any more
   * @throws InvalidEvent, EventTooLarge
   */
  prepare(type: EventType, data: object | string, given?: PublishEventOptions): CheckedEvent;
  /** The second half of `publish`. */
  accept(event: CheckedEvent): Promise<Receipt>;
}

/** As createPublisher. */
export function openPublisher(options: PublisherOptions): OpenPublisher {
  const settings = readPublisherOptions(options);
  const store = settings.largeEventsDir === null ? undefined : openLargeEventStore(settings.largeEventsDir);
  const limit = store === undefined ? MAX_INPUT_BYTES : MAX_EVENT_BYTES;
  const clusters = openClusters(settings, { keys: settings.payloadKeys, store });
  const journal = settings.journal && openJournal(settings.journal, settings);
  const outbox = journal && new Outbox(settings, clusters, journal);
  const events = outbox ?? new PendingEvents(settings, clusters);
  const atHand = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  let withUnknownFields = 0;

  async function acceptEvent({ unknownFields, ...event }: CheckedEvent): Promise<Receipt> {
    const { workflowId, acceptedBy, duplicate } = await events.accept(event);
    if (unknownFields.length > 0) withUnknownFields += 1;
    return { id: event.id, key: event.key, workflowId, acceptedBy, duplicate, unknownFields };
  }

  async function track(ids: EventIds, publish: () => Promise<Receipt>): Promise<Receipt> {
    const publishing = closing ? Promise.reject(new PublisherClosed(ids)) : publish();
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
  }

  async function finish(): Promise<void> {
    await Promise.allSettled(atHand);
    await events.close();
  }

  return {
    prepare: (type, data, given) => prepareEvent(type, data, given, limit, true),
    accept: (event) => track(event, () => acceptEvent(event)),
    publish: (type: EventType, data: object | string, given?: PublishEventOptions) =>
      track({ type, id: given?.id?.toString() }, async () => acceptEvent(prepareEvent(type, data, given, limit))),
    status: () => ({
      installation: clusters.installation.id ?? null,
      clusters: clusters.status(),
      duplicates: clusters.duplicates,
      takenOver: clusters.takenOver,
      withUnknownFields,
      journal: outbox && outbox.status(),
    }),
    close: () => (closing ??= finish()),
  };
}

/** It does not connect yet. */
function openClusters(settings: PublisherSettings, payloads: Payloads): Clusters {
  try {
    return new Clusters({ ...settings, probeDeadlineMs: settings.attemptDeadlineMs }, payloads);
  } catch (cause) {
    // The client throws an error about a certificate or key.
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

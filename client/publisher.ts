import type { EventType, SiteOptional, WireData } from '../events/wire-data';
import type { PublishEventOptions } from './prepare-event';

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
   * @throws JournalFull, JournalUnavailable, with a journal instead of those of the cluster and its deadline (IdConflict then only while the journal has the first); JournalUnavailable also while another publisher has it
   */
  publish<T extends EventType>(type: T, data: WireData[T] | string, options?: PublishEventOptions): Promise<Receipt>;
  /** As above, where the options name the site: the data need not. */
  publish<T extends EventType>(
    type: T,
    data: SiteOptional<WireData[T]> | string,
    options: PublishEventOptions & { readonly siteId: string | number | bigint },
  ): Promise<Receipt>;
  status(): PublisherStatus;
  /**
   * Takes no more events, waits until each one at hand is accepted or has failed (at most `deadlineMs`), then disconnects.
   * Entries that the journal still has go on with the next publisher on its folder.
   */
  close(): Promise<void>;
}

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
  /** The id of the installation that it feeds; null: no cluster has told it yet. */
  readonly installation: string | null;
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

export interface ClusterStatus extends Standing {
  readonly name: string;
  /** Events that it has accepted from this publisher, duplicates included. */
  readonly accepted: number;
}

export interface Standing {
  readonly verdict: Verdict;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Why it is not up, for people; empty while it is. */
  readonly reason: string;
}

/**
 * `up`: it takes starts. `slow`: it answers, late, or asks to be left alone for a while. `down`: it refuses or drops connections,
 * is silent, or its store fails. `not ready`: it answers, and has no namespace or search attributes for us, or does not let us in.
 */
export type Verdict = 'up' | 'slow' | 'down' | 'not ready';

export interface JournalStatus {
  /** The folder is this publisher's own. While another one has it, nothing is accepted. */
  readonly isHeld: boolean;
  /** Events in it: not known to be recorded. */
  readonly entries: number;
  /** Those of them that wait for a cluster to start them. */
  readonly unstarted: number;
  /** Of its files with such events. */
  readonly bytes: number;
  /** Of its files with events that are all recorded, kept for `npm run ops -- journal replay`. They give way to the others. */
  readonly keptBytes: number;
  /** Of events that are not on the disk yet: no receipt was given for them. */
  readonly waitingBytes: number;
  /** Milliseconds since the oldest was published; 0 where there is none. */
  readonly oldestAgeMs: number;
}

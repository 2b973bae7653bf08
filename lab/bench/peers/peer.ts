import type { MadeEvent } from '../../make-events';

/** A system that a team would deliver events with instead: its part in a publisher, and its part in a worker process. */
export interface Peer {
  readonly name: string;
  /** Parts of the product that it lacks, in words. */
  readonly lacks: readonly string[];
  /** Its server beside PostgreSQL and Temporal, which the benchmark starts. Default: none. */
  readonly server?: PeerServer;
  /** Whether it stands on the Temporal server of the benchmark. Default: no. */
  readonly needsTemporal?: boolean;
  readonly modes: readonly Mode[];
  /** Where more events outstanding only wait longer, and the benchmark with them. Default: no limit. */
  readonly mostOutstanding?: number;
  openPublisher(place: Place): Promise<PeerPublisher>;
  /** Takes work until it is closed. @returns the function that closes it */
  work(place: Place, handle: Handle): Promise<() => Promise<unknown>>;
}

export interface Mode {
  /** Jobs are added, and taken where the system can, several at once. */
  readonly isBatched: boolean;
  /** An event gets all its jobs or none, and gets none twice; a job that comes again has no second effect. */
  readonly isSafe: boolean;
}

/** Job by job and batched, without and with the parts that a team would have to add. */
export const ALL_MODES: readonly Mode[] = [false, true].flatMap((isSafe) =>
  [false, true].map((isBatched) => ({ isBatched, isSafe })),
);

export interface PeerServer {
  /** Name of the executable on the PATH. */
  readonly program: string;
  /** Command that installs it. */
  readonly install: string;
  start(folder: string): Promise<RunningServer>;
}

export interface RunningServer {
  readonly address: string;
  readonly pid: number;
  stop(): Promise<unknown>;
}

export interface Place {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Of the peer's own server; empty without one. */
  readonly address: string;
  /** One for each consumer, and named after it. */
  readonly queues: readonly string[];
  readonly mode: Mode;
}

export interface PeerPublisher {
  /** Resolves when the system has stored all jobs of the event. */
  publish(job: Job): Promise<unknown>;
  /** Resolves when the event is delivered. Default: when the worker has told so of each of its jobs. */
  finish?(key: string): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface Job {
  readonly key: string;
  readonly event: MadeEvent & { readonly id: string; readonly siteId: string; readonly receivedAt: string };
}

/** Does the work of jobs of one queue. */
export type Handle = (queue: string, jobs: readonly Job[]) => Promise<void>;

/** Jobs, or lists of them, of one queue that are worked on at once: of every system the same. */
export const AT_ONCE = 50;
/** Events in one list at the most, and lists that a publisher has under way, as many as the product's publisher has starts. */
export const BATCH = 100;
export const LISTS_AT_ONCE = 4;

import type { Problem } from '../events/kinds/reading';

/** The facts that `publish` knows of the event when it fails. */
export interface EventIds {
  readonly type: string;
  /** Publish again under this id, and both publishes are one event. Undefined where the event was refused before it had one. */
  readonly id?: string | undefined;
  readonly key?: string | undefined;
}

/** The fields of every error of `publish`. */
export abstract class PublishError extends Error implements EventIds {
  readonly type: string;
  readonly id: string | undefined;
  readonly key: string | undefined;

  constructor(message: string, { type, id, key }: EventIds, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.type = type;
    this.id = id;
    this.key = key;
  }
}

/** Thrown when an event cannot be read as its type; `problems` and the message name every problem. */
export class InvalidEvent extends PublishError {
  override readonly name = 'InvalidEvent';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], ids: EventIds, cause?: unknown) {
    const list = problems.map(({ path, problem }) => `${path || 'event'}: ${problem}`).join('; ');
    super(`${ids.type} was not published. Correct this and publish it again: ${list}`, ids, cause);
    this.problems = problems;
  }
}

/** Thrown when an event is larger than can be sent. */
export class EventTooLarge extends PublishError {
  override readonly name = 'EventTooLarge';
  /** Bytes of JSON in UTF-8. */
  readonly bytes: number;
  readonly limit: number;

  constructor(bytes: number, limit: number, ids: EventIds, cause?: unknown) {
    super(`${ids.type} was not published: ${bytes} bytes of JSON, ${limit} are allowed. Send less of it.`, ids, cause);
    this.bytes = bytes;
    this.limit = limit;
  }
}

/** Thrown when the cluster has an event of the same key with other content. The first one stands. */
export class IdConflict extends PublishError {
  override readonly name = 'IdConflict';

  constructor(ids: EventIds) {
    super(
      `${ids.key} is published already, with other content; that one stands. If this is another event, give it another id.`,
      ids,
    );
  }
}

/** Thrown when no cluster accepted an event within the deadline. The message says how each is; `cause` is how the first failed. */
export class ClusterUnavailable extends PublishError {
  override readonly name = 'ClusterUnavailable';
  /** Of several, the first. */
  readonly cluster: string;
  /** True: an answer was lost, so the event may be accepted. Publishing it again under the same id is safe either way. */
  readonly mayBeAccepted: boolean;

  constructor(clusters: readonly string[], ids: EventIds, { withinMs, reason, mayBeAccepted, cause }: LastFailure) {
    const [cluster = ''] = clusters;
    const isOne = clusters.length === 1;
    const who = isOne ? `Cluster "${cluster}" did not accept` : 'Neither cluster accepted';
    const [one, none] = isOne ? ['It', 'It has not accepted it'] : ['One', 'Neither has accepted it'];
    const doubt = mayBeAccepted ? `${one} may have accepted it without an answer` : none;
    const advice = `${doubt}: publish it again with id "${ids.id}".`;
    const within = withinMs === undefined ? '' : ` within ${withinMs} ms`;
    super(`${who} ${ids.key}${within} (${reason}). ${advice}`, ids, cause);
    this.cluster = cluster;
    this.mayBeAccepted = mayBeAccepted;
  }
}

interface LastFailure {
  /** Undefined: it was given up at once. */
  readonly withinMs?: number | undefined;
  readonly reason: string;
  /** Of all tries together. */
  readonly mayBeAccepted: boolean;
  readonly cause?: Error | undefined;
}

/** Thrown when the cluster refuses an event for a reason that trying again does not change. */
export class ClusterRefused extends PublishError {
  override readonly name = 'ClusterRefused';
  readonly cluster: string;

  constructor(cluster: string, ids: EventIds, failure: { reason: string; advice: string; cause: Error }) {
    super(`Cluster "${cluster}" refused ${ids.key} (${failure.reason}). ${failure.advice}`, ids, failure.cause);
    this.cluster = cluster;
  }
}

/** Thrown when the store of large events does not take an event's data. `cause` is why. */
export class LargeEventStoreUnavailable extends PublishError {
  override readonly name = 'LargeEventStoreUnavailable';

  constructor(ids: EventIds, cause: Error) {
    super(`${ids.key} was not published. ${cause.message} Then publish it again with id "${ids.id}".`, ids, cause);
  }
}

/** Thrown when as many events wait for their turn as the publisher may hold (`maxWaiting`, `maxWaitingBytes`). */
export class PublisherBusy extends PublishError {
  override readonly name = 'PublisherBusy';

  constructor(ids: EventIds) {
    super(
      `${ids.key} was not published: too many events wait already. Publish more slowly, or raise maxWaiting or maxWaitingBytes.`,
      ids,
    );
  }
}

/** Thrown when the journal holds as many bytes as it may (`journal.maxBytes`): its events have to be recorded first. */
export class JournalFull extends PublishError {
  override readonly name = 'JournalFull';

  constructor(dir: string, maxBytes: number, ids: EventIds) {
    super(
      `${ids.key} was not published: the journal in ${dir} is full (${maxBytes} bytes). See that Temporal, a worker and the ` +
        `database answer, which empties it, or raise journal.maxBytes. Then publish it again with id "${ids.id}".`,
      ids,
    );
  }
}

/**
 * Another publisher uses the folder of the journal. Thrown by `createPublisher` where that one surely lives; else the cause of
 * JournalUnavailable, until it has ended.
 */
export class JournalLocked extends Error {
  override readonly name = 'JournalLocked';

  constructor(file: string, isLost: boolean, pid: number | undefined) {
    const other = pid === undefined ? 'another process' : `process ${pid}`;
    super(
      isLost
        ? `The journal was taken over by ${other} (${file}): this publisher accepts nothing more. Give each publisher a folder of its own, and create this one anew.`
        : `The journal is used by ${other} (${file}). Give each publisher a folder of its own, or end that process first.`,
    );
  }
}

/** Thrown when the disk does not take the event, or not within the deadline, or the folder is another publisher's. `cause` is why. */
export class JournalUnavailable extends PublishError {
  override readonly name = 'JournalUnavailable';
  /** True: it was being written at the deadline. Publishing it again under the same id is safe either way. */
  readonly mayBeAccepted: boolean;

  constructor(dir: string, ids: EventIds, cause: unknown, mayBeAccepted: boolean) {
    const { code, message } = cause as NodeJS.ErrnoException; // the file system throws nothing else
    const doubt = mayBeAccepted ? 'may or may not be published' : 'was not published';
    const why =
      cause instanceof JournalLocked
        ? message
        : `the journal in ${dir} cannot be written (${code ?? message}). See that the disk is well and has room.`;
    super(`${ids.key} ${doubt}: ${why} Then publish it again with id "${ids.id}".`, ids, cause);
    this.mayBeAccepted = mayBeAccepted;
  }
}

/** Thrown when `publish` is called after `close`. */
export class PublisherClosed extends PublishError {
  override readonly name = 'PublisherClosed';

  constructor(ids: EventIds) {
    super(`${ids.type} was not published: the publisher is closed. Create another with createPublisher.`, ids);
  }
}

import { Installation, INSTALLATION_ID } from './installation';
import { InvalidPayloadKey, parsePayloadKeys, type PayloadKey } from './payload-keys';

/** Where a cluster is. */
export interface ClusterOptions {
  /** The cluster's fixed name, as in receipts (`acceptedBy`) and delivery rows. */
  readonly name: string;
  /** Frontend, `host:port`. */
  readonly address: string;
  /** Default `chat-events`. */
  readonly namespace?: string | undefined;
  /** True, or certificates for mutual TLS. Default: no TLS, unless there is an API key. */
  readonly tls?: boolean | TlsOptions | undefined;
  /** Sent with each call; a function is asked each time, so that keys can change. */
  readonly apiKey?: string | (() => string) | undefined;
  /** A file with the API key, instead of `apiKey`; it is read again when it changes. */
  readonly apiKeyFile?: string | undefined;
  /** gRPC headers of each call, such as a proxy on the way may ask for. Default: none. */
  readonly metadata?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

/** Certificates in PEM. */
interface TlsOptions {
  /** The authority that has signed the server's certificate. Default: those of the system. */
  readonly serverRootCACertificate?: Uint8Array;
  /** The name that the server's certificate has to bear. Default: the address's. */
  readonly serverNameOverride?: string;
  /** This publisher's own, for mutual TLS. */
  readonly clientCertPair?: { readonly crt: Uint8Array; readonly key: Uint8Array };
}

export interface PublisherOptions {
  /**
   * Where events go: one cluster or two, in this publisher's order of preference. The second takes events that are published while the
   * first is down; while it is merely slow, events wait for it.
   */
  readonly clusters: readonly ClusterOptions[];
  /**
   * The id of the installation that this publisher feeds, as `npm start` and `ops doctor` print it: a cluster of another one is refused.
   * Default: that of its journal, else of the first cluster that answers.
   */
  readonly installation?: string | undefined;
  /**
   * A folder that every publisher and worker sees, or `s3://bucket/prefix`, for events above 256 KiB: with it events may have 20 MiB of JSON,
   * without it 2 MiB. The workers know it as LARGE_EVENTS_DIR, and prepare it. These events are sent one by one, the others wait in a line of their own.
   */
  readonly largeEvents?: { readonly dir: string } | undefined;
  /**
   * Encrypts the data of events on its way through Temporal and in the folder of large events: one key or several, as the workers have
   * them in PAYLOAD_KEY. Each is 32 bytes as base64, with commas or blanks between them; the first encrypts. Default: none.
   */
  readonly payloadKey?: string | undefined;
  /**
   * A folder of this publisher's own, on a local disk: `publish` resolves when the event is on it, also while every
   * cluster is down, and the start goes on in the background for as long as it takes. Default: none.
   */
  readonly journal?:
    | {
        readonly dir: string;
        /** Bytes on disk, at most; beyond it `publish` throws `JournalFull`. Default 1 GiB. */
        readonly maxBytes?: number;
        /**
         * Hours that events stay on the disk after they are recorded, for `npm run ops -- journal replay`; less where others need
         * the room. 0 = they are deleted at once. Default 24.
         */
        readonly keepHours?: number;
      }
    | undefined;
  /**
   * Milliseconds until `publish` gives up, waiting for a turn included. It gives up at once while no server listens at any address and
   * this publisher has started nothing there before, or not for so long. Default 10,000.
   */
  readonly deadlineMs?: number;
  /** Milliseconds that one try may take before its cluster is in doubt, and that a probe of it may take then. Default 2,000. */
  readonly attemptDeadlineMs?: number;
  /**
   * Milliseconds after which a cluster where no start succeeds is down, even if it answers other calls, and after which an event that was
   * started and is not recorded is started again from the journal. Default 60,000.
   */
  readonly takeoverAfterMs?: number;
  /**
   * Workflows that are being started at once; fewer while the cluster is slow. Events that wait when one is started go together in the
   * next, as one workflow: a batch. Default 4.
   */
  readonly maxInFlight?: number;
  /** Events in one batch, at most, up to 500; 1 = each event has a workflow to itself. Default 500. */
  readonly maxBatch?: number;
  /**
   * Milliseconds that Chat.Ended and OfflineMessage.Submit may wait for a workflow of their own: if it were longer they go in batches, too.
   * Estimated from the starts of this publisher: the time of the last ones, how many events wait, and, while starts follow one another
   * closely, whether a worker has begun a workflow's first task in this time; else they wait for that, four times as long at most, and not
   * beyond a quarter of `deadlineMs`. 0 = they go in a batch as soon as others wait. Default 250.
   */
  readonly batchAfterMs?: number;
  /** When so many events wait, they go in batches, too, however soon each could be started alone. Default 500. */
  readonly batchFrom?: number;
  /**
   * Each a WorkflowClientInterceptor of `@temporalio/client`, such as OpenTelemetryWorkflowClientInterceptor of
   * `@temporalio/interceptors-opentelemetry`; the type does not say so, since these declarations need no other package's. A start
   * without a journal runs in the asynchronous context of its `publish`, that of a batch in the one of its first event. Default: none.
   */
  readonly interceptors?: readonly object[] | undefined;
  /** Events that wait for a start, at most; beyond it `publish` throws `PublisherBusy`. Default 10,000. */
  readonly maxWaiting?: number;
  /** Bytes of JSON that wait for a start, or with a journal for the disk, at most. Default 64 MiB. */
  readonly maxWaitingBytes?: number;
}

export const PUBLISHER_DEFAULTS = {
  deadlineMs: 10_000,
  attemptDeadlineMs: 2_000,
  takeoverAfterMs: 60_000,
  maxInFlight: 4,
  maxBatch: 500,
  batchAfterMs: 250,
  batchFrom: 500,
  maxWaiting: 10_000,
  maxWaitingBytes: 64 * 1024 * 1024,
} as const satisfies Partial<PublisherOptions>;

const JOURNAL_DEFAULTS = { maxBytes: 1024 ** 3, keepHours: 24 } as const;

/** The longest that a Node timer can wait. */
const LARGEST = 2 ** 31 - 1;

const MAY_BE_0: ReadonlySet<string> = new Set(['maxWaiting', 'maxWaitingBytes', 'batchAfterMs']);

/** The most events that a workflow records of one list. */
const MOST_IN_A_BATCH = 500;

/** Of a journal that there is. */
export type JournalOptions = Required<NonNullable<PublisherOptions['journal']>>;

export interface PublisherSettings extends Required<
  Omit<PublisherOptions, 'largeEvents' | 'payloadKey' | 'journal' | 'interceptors' | 'installation'>
> {
  readonly interceptors?: readonly object[] | undefined;
  readonly installation: Installation;
  /** Null = none. */
  readonly largeEventsDir: string | null;
  readonly payloadKeys: readonly PayloadKey[];
  readonly journal: JournalOptions | null;
}

/**
 * Options with their defaults.
 *
 * @throws TypeError that names every option that cannot be used
 */
export function readPublisherOptions({
  clusters,
  largeEvents,
  payloadKey,
  journal,
  interceptors,
  installation,
  ...given
}: PublisherOptions): PublisherSettings {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const numbers = { ...PUBLISHER_DEFAULTS, ...Object.fromEntries(set) };
  const problems = Object.entries(numbers).flatMap(([name, value]) => {
    if (!Object.hasOwn(PUBLISHER_DEFAULTS, name)) return `${name} is not an option`;
    const least = MAY_BE_0.has(name) ? 0 : 1;
    const most = name === 'maxBatch' ? MOST_IN_A_BATCH : LARGEST;
    if (Number.isInteger(value) && value >= least && value <= most) return [];
    return `${name} must be a whole number from ${least} to ${most}`;
  });
  problems.push(...clustersProblems(clusters));
  const largeEventsDir = largeEvents?.dir ?? null;
  if (largeEvents !== undefined && (typeof largeEventsDir !== 'string' || largeEventsDir === '')) {
    problems.push('largeEvents.dir must be the path of a folder, or s3://bucket/prefix');
  }
  if (installation !== undefined && !INSTALLATION_ID.test(installation)) {
    problems.push('installation must be an id as npm start and ops doctor print it');
  }
  const payloadKeys = readKeys(payloadKey, problems);
  const settledJournal = journal === undefined ? null : { ...JOURNAL_DEFAULTS, ...journal };
  if (settledJournal !== null) problems.push(...journalProblems(settledJournal));
  if (problems.length > 0) throw new TypeError(`createPublisher: ${problems.join('; ')}`);
  const own = new Installation(installation, settledJournal?.dir);
  return {
    ...numbers,
    clusters,
    interceptors,
    installation: own,
    largeEventsDir,
    payloadKeys,
    journal: settledJournal,
  };
}

function readKeys(text: unknown, problems: string[]): readonly PayloadKey[] {
  if (text === undefined) return [];
  try {
    if (typeof text !== 'string') throw new InvalidPayloadKey('payloadKey: must be a text');
    return parsePayloadKeys(text, 'payloadKey');
  } catch (error) {
    if (!(error instanceof InvalidPayloadKey)) throw error;
    problems.push(error.message);
    return [];
  }
}

function clustersProblems(clusters: PublisherOptions['clusters']): string[] {
  if (!Array.isArray(clusters) || clusters.length < 1 || clusters.length > 2) {
    return ['clusters must name one cluster or two, as [{ name, address }]'];
  }
  const problems = clusters.flatMap(({ name, address, namespace = 'default' }: ClusterOptions, n) =>
    Object.entries({ name, address, namespace })
      .filter(([, text]) => typeof text !== 'string' || text.trim() === '')
      .map(([field]) => `clusters[${n}].${field} must be a text that is not empty`),
  );
  if (clusters.length === 2 && clusters[0].name === clusters[1].name) {
    problems.push('clusters must have two names: receipts and delivery rows tell them apart by it');
  }
  return problems;
}

function journalProblems({ dir, maxBytes, keepHours, ...others }: JournalOptions): string[] {
  const problems = Object.keys(others).map((name) => `journal.${name} is not an option`);
  if (typeof dir !== 'string' || dir === '') problems.push('journal.dir must be the path of a folder');
  if (!(Number.isSafeInteger(maxBytes) && maxBytes >= 1024 ** 2)) {
    problems.push(`journal.maxBytes must be a whole number from ${1024 ** 2}`);
  }
  if (!(Number.isFinite(keepHours) && keepHours >= 0)) problems.push('journal.keepHours must be a number from 0');
  return problems;
}

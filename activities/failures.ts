/**
 * Every way in which a delivery can fail, and whether it is retried or parked. docs/failures.md is generated from this table.
 */
export const failureTypes = {
  InvalidConfig: {
    retried: false,
    meaning: "The connection's configuration, or this version's consumers, do not allow the delivery.",
  },
  ConnectionBroken: {
    retried: false,
    meaning:
      "The destination refuses the connection's credentials; its deliveries wait until the connection is mended.",
  },
  Rejected: { retried: false, meaning: 'The destination understood the delivery and refuses it for good.' },
  Unconfirmed: {
    retried: false,
    meaning: 'It was sent and never answered, twice or when a worker stopped: it may have arrived.',
  },
  Paused: {
    retried: false,
    meaning: 'The subscription is paused; the sweep continues the delivery when it is active again.',
  },
  RateLimited: {
    retried: true,
    meaning:
      'The destination asks to come back later; where it says when, nothing is sent by the connection until then.',
  },
  Unavailable: { retried: true, meaning: 'The destination, or our own database, does not answer now.' },
  Unexpected: { retried: true, meaning: 'An error that the consumer does not name: five tries, then it is parked.' },
} as const satisfies Record<string, { retried: boolean; meaning: string }>;

export type FailureType = keyof typeof failureTypes;

/** Tries after which an Unexpected failure is parked. */
export const UNEXPECTED_TRIES = 5;

export interface FailureOptions {
  /** Ids, status codes and names of schema objects; never bodies, secrets or personal data. */
  readonly details?: Record<string, unknown>;
  /** The wait that the destination asked for (Retry-After), in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** True when the failure says nothing about the destination, such as an error of our own database: it costs no try. */
  readonly ours?: boolean;
  /**
   * True when every other delivery of the connection would get the same answer: until `retryAfterMs` is over, none is sent.
   * Default: true for RateLimited.
   */
  readonly ofConnection?: boolean;
  readonly cause?: unknown;
}

/** Thrown by consumers with the failure that they recognise; the message says what to do next and has no personal data. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
  readonly type: FailureType;
  readonly details: Record<string, unknown>;
  readonly retryAfterMs: number | undefined;
  readonly ours: boolean;
  readonly ofConnection: boolean;

  constructor(type: FailureType, message: string, options: FailureOptions = {}) {
    const { details = {}, retryAfterMs, ours: isOurs = false, ofConnection = type === 'RateLimited', cause } = options;
    super(message, { cause });
    this.ofConnection = ofConnection;
    this.ours = isOurs;
    this.type = type;
    this.details = details;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Why a delivery of a paused subscription is parked. */
export const PAUSED = {
  type: 'Paused',
  message: 'The subscription is paused; it is continued when the subscription is active again.',
} as const;

/** SQLSTATE classes in which Postgres refuses the data (22, 23, 54): the same data will be refused again. */
const DATA_CLASSES = ['22', '23', '54'];
/** SQLSTATE classes that pass: connection, transaction state, rollback, resources, object state, operator, system, internal. */
const PASSING_CLASSES = ['08', '25', '40', '53', '55', '57', '58', 'XX'];

/** The failure for any error of an attempt. */
export function classifyFailure(error: unknown): DeliveryFailure {
  if (error instanceof DeliveryFailure) return error;
  const state = sqlState(error);
  if (state !== undefined) return classifySqlState(state, error);
  if (isDatabaseUnavailable(error)) return new DeliveryFailure('Unavailable', (error as Error).message, { ours: true });
  // The text of an unknown error may quote data, so only its name and place are kept.
  const { name = typeof error, stack } = (error ?? {}) as Partial<Error>;
  const details = { error: name, ...(stack !== undefined && { at: firstFrame(stack) }) };
  return new DeliveryFailure('Unexpected', `${name} was thrown; see the worker's log.`, { details });
}

/** True when Postgres refused the data itself, so that trying the same again cannot help. */
export function isDataError(error: unknown): boolean {
  return DATA_CLASSES.includes(sqlState(error)?.slice(0, 2) ?? '');
}

/** True when the database could not be asked or did not answer: it may have done the statement or not. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return (error as Partial<Error> | null)?.name === 'DatabaseUnavailable';
}

function classifySqlState(state: string, error: unknown): DeliveryFailure {
  const names = schemaNames(error);
  const where = Object.values(names).join(', ');
  const said = `Postgres answered SQLSTATE ${state}${where && ` (${where})`}`;
  const details = { sqlState: state, ...names };
  const sqlClass = state.slice(0, 2);
  if (DATA_CLASSES.includes(sqlClass))
    return new DeliveryFailure('Rejected', `${said}: it refuses this data.`, { details });
  if (!PASSING_CLASSES.includes(sqlClass)) return new DeliveryFailure('Unexpected', `${said}.`, { details });
  const message = `${said}; this passes, or needs an administrator.`;
  return new DeliveryFailure('Unavailable', message, { details, ours: true });
}

function sqlState(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return severity !== undefined && typeof code === 'string' ? code : undefined;
}

/** Names of our own schema in a Postgres error; its message and detail may hold values. */
function schemaNames(error: unknown): { table?: string; column?: string; constraint?: string } {
  const { table, column, constraint } = error as { table?: string; column?: string; constraint?: string };
  return { ...(table && { table }), ...(column && { column }), ...(constraint && { constraint }) };
}

const firstFrame = (stack: string): string | undefined =>
  stack
    .split('\n')
    .find((line) => /^\s+at /.test(line))
    ?.trim();

import { InvalidEvent, PublishError } from '../client';
import { WireTextError } from '../events/parse-wire-text';

/** The mistakes of a request, by the name that its answer bears; the errors of `publish` keep theirs. */
export const problemTypes = {
  InvalidEvent: { status: 422, title: 'The event cannot be read as its type.' },
  SomeRefused: { status: 422, title: 'Some of the events were refused.' },
  InvalidRequest: { status: 400, title: 'The request cannot be read.' },
  IdRequired: { status: 400, title: 'The event has no id.' },
  TokenRequired: { status: 401, title: 'The request has no token that is known here.' },
  SiteNotAllowed: { status: 403, title: 'The token is for other sites.' },
  NotFound: { status: 404, title: 'There is no such address.' },
  MethodNotAllowed: { status: 405, title: 'The address does not know this method.' },
  RequestTimeout: { status: 408, title: 'The request did not arrive in time.' },
  IdConflict: { status: 409, title: 'The id was used with other content.' },
  EventTooLarge: { status: 413, title: 'The event is too large.' },
  RequestTooLarge: { status: 413, title: 'The request is too large.' },
  UnsupportedMediaType: { status: 415, title: 'The body is in a form that is not read here.' },
  PublisherBusy: { status: 429, title: 'Too many events wait already.' },
  HeadersTooLarge: { status: 431, title: 'The headers are too large.' },
  InternalError: { status: 500, title: 'This program has a mistake.' },
  ClusterRefused: { status: 503, title: 'The cluster refuses the event.' },
  ClusterUnavailable: { status: 503, title: 'No cluster has accepted the event.' },
  JournalFull: { status: 503, title: 'The journal is full.' },
  JournalUnavailable: { status: 503, title: 'The disk of the journal does not take the event.' },
  LargeEventStoreUnavailable: { status: 503, title: 'The store of large events does not take the event.' },
  PublisherClosed: { status: 503, title: 'The sidecar is stopping.' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ProblemType = keyof typeof problemTypes;

/** Seconds after which a caller may repeat a request that failed through no fault of its own. */
const RETRY_AFTER_SECONDS = 1;

/** Thrown when a request is refused before an event of it is published. */
export class RequestRefused extends Error {
  override readonly name: ProblemType;

  constructor(name: ProblemType, message: string) {
    super(message);
    this.name = name;
  }
}

/** The body of an answer that is an error: problem details of RFC 9457. */
export interface Problem {
  /** `urn:chat-events:` and the error's name. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened, to what, and what to do. */
  readonly detail: string;
  /** Of the event, as far as they are known. */
  readonly id?: string;
  readonly key?: string;
  /** Of an event that cannot be read: every value that is wrong, by its path. */
  readonly problems?: InvalidEvent['problems'];
  /** The event may be accepted all the same; publishing it again under the same id is safe. */
  readonly mayBeAccepted?: true;
  /** Of a request with several events: how many were accepted and refused, and the result of each, in their order. */
  readonly accepted?: number;
  readonly refused?: number;
  readonly results?: readonly object[];
}

export function toProblem(error: unknown): Problem {
  const name = nameOf(error);
  const { status, title } = problemTypes[name];
  const detail = name === 'InternalError' ? 'The log of the sidecar has the error.' : (error as Error).message; // it has a name of the table
  const problem = { type: `urn:chat-events:${name}`, title, status, detail };
  if (!(error instanceof PublishError)) return problem;
  const isText = error instanceof InvalidEvent && error.cause instanceof WireTextError;
  return {
    ...problem,
    ...(isText && { status: problemTypes.InvalidRequest.status }),
    ...(error.id !== undefined && { id: error.id }),
    ...(error.key !== undefined && { key: error.key }),
    ...(error instanceof InvalidEvent && { problems: error.problems }),
    ...('mayBeAccepted' in error && error.mayBeAccepted === true && { mayBeAccepted: true as const }),
  };
}

/** The name of the problem that an error is. */
export function nameOf(error: unknown): ProblemType {
  const { name } = (error ?? {}) as Partial<Error>; // anything may be thrown
  const isKnown = error instanceof PublishError || error instanceof RequestRefused;
  return isKnown && name !== undefined && name in problemTypes ? (name as ProblemType) : 'InternalError';
}

/** Headers of such an answer, beside its type. */
export function problemHeaders({ status }: Problem): Record<string, string> {
  if (status === 401) return { 'www-authenticate': 'Bearer' };
  return status === 429 || status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {};
}

import { isGrpcServiceError, NamespaceNotFoundError, ServiceError, WorkflowNotFoundError } from '@temporalio/client';

export interface Failure {
  /**
   * `down`: refused, dropped or silent. `slow`: the cluster asks to be left alone for a while. `refused`: trying again changes
   * nothing. `too large`: the message is larger than something on the way lets through.
   */
  readonly verdict: 'down' | 'slow' | 'refused' | 'too large';
  /** The call may have had its effect although no answer came. */
  readonly mayBeAccepted: boolean;
  /** What to do about it. */
  readonly advice: string;
  readonly cause: Error;
}

/** gRPC status codes: https://grpc.io/docs/guides/status-codes/ */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

const ADVICE: Readonly<Record<number, string>> = {
  [INVALID_ARGUMENT]: 'If it misses a search attribute: a worker makes them when it starts.',
  [NOT_FOUND]: 'Correct namespace, or start a worker, which makes it.',
  [PERMISSION_DENIED]: 'Correct tls or apiKey.',
  [FAILED_PRECONDITION]: 'Ask the operator of the cluster.',
  [UNIMPLEMENTED]: 'Correct address: it must be the frontend of a Temporal cluster.',
  [UNAUTHENTICATED]: 'Correct tls or apiKey.',
};

/** What a failed call to a cluster means. */
export function readFailure(error: unknown): Failure {
  if (error instanceof NamespaceNotFoundError || error instanceof WorkflowNotFoundError) {
    return { verdict: 'refused', mayBeAccepted: false, advice: ADVICE[NOT_FOUND] ?? '', cause: error };
  }
  const cause = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause)) throw error; // not an answer of the cluster but a mistake in this program
  const { code, details } = cause;
  if (code === RESOURCE_EXHAUSTED) {
    // gRPC's own words for a message beyond what the receiver lets in.
    const verdict = /larger than max/.test(details) ? 'too large' : 'slow';
    return { verdict, mayBeAccepted: false, advice: '', cause };
  }
  const advice = ADVICE[code];
  if (advice !== undefined) return { verdict: 'refused', mayBeAccepted: false, advice, cause };
  const neverSent = code === UNAVAILABLE && /No connection established|Name resolution failed/.test(details);
  return { verdict: 'down', mayBeAccepted: !neverSent, advice: '', cause };
}

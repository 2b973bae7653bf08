import { isGrpcServiceError, NamespaceNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import { WrongInstallation } from './installation';
import { GRPC, grpcErrorOf, isNotPermitted } from './grpc-code';

export interface Failure {
  /**
   * `dropped`: there is no connection, or it broke. `suspect`: no answer in time, or one that says that something behind it
   * failed. `busy`: the cluster asks to be left alone for a while. `not ready`: it lacks something that an event needs, or does not let us
   * in. `refused`: trying again changes nothing. `too large`: the message is larger than something on the way lets through.
   */
  readonly verdict: 'dropped' | 'suspect' | 'busy' | 'not ready' | 'refused' | 'too large';
  /** The call may have had its effect although no answer came. */
  readonly mayBeAccepted: boolean;
  /** The failure in words, for people. */
  readonly reason: string;
  /** The remedy of a refusal. */
  readonly advice: string;
  readonly cause: Error;
}

const ADVICE: Readonly<Record<number, string>> = {
  [GRPC.INVALID_ARGUMENT]: 'If it misses a search attribute: a worker makes them when it starts.',
  [GRPC.NOT_FOUND]: 'Correct namespace, or start a worker, which makes it.',
  [GRPC.PERMISSION_DENIED]: 'Correct tls, apiKey or apiKeyFile.',
  [GRPC.FAILED_PRECONDITION]: 'Ask the operator of the cluster.',
  [GRPC.UNIMPLEMENTED]: 'Correct address: it must be the frontend of a Temporal cluster.',
  [GRPC.UNAUTHENTICATED]: 'Correct tls, apiKey or apiKeyFile.',
};

/** Texts of the gRPC client, not of the server, with UNAVAILABLE. */
const DROPPED = /No connection established|Name resolution failed|Connection dropped|ECONN|EPIPE|HTTP\/2 stream/;

/** The gRPC client's text for a call that found no connection in time; `remote_addr` would name the one that it found. */
const NEVER_SENT =
  /No connection established|Channel closed before|Name resolution failed|^Deadline exceeded after (?!.*remote_addr=)/;

/**
 * The meaning of a failed call to a cluster. Throws an error that is no answer of a cluster but a mistake in this program.
 *
 * @param whyRefused says why the cluster may not have let the call in; default: nothing
 */
export function readFailure(error: unknown, whyRefused?: () => string): Failure {
  if (error instanceof NamespaceNotFoundError || error instanceof WorkflowNotFoundError) {
    return refusal(GRPC.NOT_FOUND, error.message, error);
  }
  if (error instanceof WrongInstallation) {
    const { message: reason, advice } = error;
    return { verdict: 'not ready', mayBeAccepted: false, reason, advice, cause: error };
  }
  const cause = grpcErrorOf(error);
  if (!isGrpcServiceError(cause)) throw error;
  const { code, details } = cause;
  if (isNotPermitted(cause) && whyRefused) return refusal(code, `${details} ${whyRefused()}`.trim(), cause);
  if (code in ADVICE) return refusal(code, details, cause);
  if (code === GRPC.RESOURCE_EXHAUSTED) {
    // gRPC's own words for a message that is too large for the receiver.
    const verdict = /larger than max/.test(details) ? 'too large' : 'busy';
    return { verdict, mayBeAccepted: false, reason: details, advice: '', cause };
  }
  const silent = code === GRPC.DEADLINE_EXCEEDED;
  const neverSent = (silent || code === GRPC.UNAVAILABLE) && NEVER_SENT.test(details);
  const reason = silent
    ? `no ${neverSent ? 'connection' : 'answer'}`
    : details.replace(/(\. Last error: null)?\. Resolution note: $/, '');
  const verdict = code === GRPC.UNAVAILABLE && DROPPED.test(details) ? 'dropped' : 'suspect';
  return { verdict, mayBeAccepted: !neverSent, reason, advice: '', cause };
}

/** Of a call on a connection that was closed before the call was made: it says nothing about the cluster. */
export function readClosed(error: unknown): Failure | undefined {
  const cause = grpcErrorOf(error);
  if (!(cause instanceof Error) || !cause.message.includes('Channel has been shut down')) return undefined;
  return { verdict: 'dropped', mayBeAccepted: false, reason: 'the connection was replaced', advice: '', cause };
}

function refusal(code: number, reason: string, cause: Error): Failure {
  // Of an event's names, only a search attribute can be missing in the cluster.
  const verdict = code === GRPC.INVALID_ARGUMENT && !/search attribute/i.test(reason) ? 'refused' : 'not ready';
  return { verdict, mayBeAccepted: false, reason, advice: ADVICE[code] ?? '', cause };
}

import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** gRPC status codes: https://grpc.io/docs/guides/status-codes/ */
export const GRPC = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** The server's answer inside an error of the SDK's client. An error of a Worker's connection is the answer, and of that class by its name. */
export function grpcErrorOf(error: unknown): unknown {
  return !isGrpcServiceError(error) && error instanceof ServiceError ? error.cause : error;
}

/** The code of a server's answer; undefined: the error is none. */
export function grpcCodeOf(error: unknown): number | undefined {
  const answer = grpcErrorOf(error);
  return isGrpcServiceError(answer) ? Number(answer.code) : undefined;
}

/** The cluster did not let the caller in, or not do that. */
export function isNotPermitted(error: unknown): boolean {
  const code = grpcCodeOf(error);
  return code === GRPC.PERMISSION_DENIED || code === GRPC.UNAUTHENTICATED;
}

/** The server's words, without the name and number of the code; of any other error its message. */
export function wordsOf(error: unknown): string {
  const answer = grpcErrorOf(error);
  if (isGrpcServiceError(answer)) return answer.details || answer.message;
  return error instanceof Error ? error.message : String(error);
}

/** Turns the error of this gRPC code into undefined. */
export const unless =
  (code: number) =>
  (error: unknown): undefined => {
    if (grpcCodeOf(error) === code) return undefined;
    throw error;
  };

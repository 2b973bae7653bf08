import type { IncomingMessage } from 'node:http';
import type { Problem } from './problem';
import type { Grant } from './tokens';

/** An address of the sidecar. Routes with `accepts` take a body and need a token. */
export type Route =
  | {
      readonly method: 'GET';
      /** As fastify reads it: `/v1/events/:type`. */
      readonly url: string;
      readonly answer: () => Answer | Promise<Answer>;
    }
  | {
      readonly method: 'POST';
      readonly url: string;
      /** Media types of the body. */
      readonly accepts: readonly string[];
      /** Throws errors that `toProblem` reads. */
      readonly answer: (call: Call) => Promise<Answer | Problem>;
    };

/** A request with a body. */
export interface Call {
  readonly grant: Grant;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  /** One of those that the route accepts. */
  readonly mediaType: string;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  /** An object is written as JSON. */
  readonly body: object | string;
  /** Default `application/json`. */
  readonly contentType?: string;
}

import {
  fastify,
  LogController,
  type ConnectionError,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { MAX_EVENT_BYTES } from '../client';
import { MAX_INPUT_BYTES } from '../client/prepare-event';
import { SEVERAL } from './cloud-events';
import type { IngressMetrics } from './metrics';
import { problemTypes, toProblem, problemHeaders, RequestRefused, type Problem, type ProblemType } from './problem';
import { readBody, type HeldBytes } from './read-body';
import type { Answer, Route } from './route';
import type { Grant, Tokens } from './tokens';

/** The fields that a form adds to an event. */
const FORM_BYTES = 64 * 1024;
/** An event of the largest size, or several events. */
const MAX_BODY_BYTES = MAX_EVENT_BYTES + FORM_BYTES;
/** One event for Temporal alone: each character of it may be written as six, such as `\u0436` for two bytes. */
const MAX_SMALL_BODY_BYTES = 3 * MAX_INPUT_BYTES + FORM_BYTES;

/** Milliseconds. */
const timeouts = {
  /** For a whole request, so that a slow client does not hold its connection and its bytes. */
  requestTimeout: 30_000,
  /** Without a byte in either direction. */
  connectionTimeout: 60_000,
  keepAliveTimeout: 60_000,
};
const httpLimits = { headersTimeout: 10_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16 * 1024 };
const MAX_CONNECTIONS = 2_000;

/** The refusals of fastify. */
const fastifyErrors: Readonly<Record<string, ProblemType>> = {
  FST_ERR_BAD_URL: 'NotFound',
  FST_ERR_MAX_PARAM_LENGTH: 'NotFound',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UnsupportedMediaType',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'InvalidRequest',
};

declare module 'fastify' {
  interface FastifyRequest {
    grant: Grant | null;
    heldBytes: number;
  }
}

export interface ServerOptions {
  readonly routes: readonly Route[];
  readonly tokens: Tokens;
  readonly log: Logger;
  readonly held: HeldBytes;
  readonly metrics: IngressMetrics;
  /** It takes events that are too large for Temporal. */
  readonly hasLargeEvents: boolean;
  /** Certificate and key in PEM; null = plain HTTP. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
}

/** The HTTP server of the sidecar; it does not listen yet. */
export function createServer({ routes, tokens, log, held, metrics, hasLargeEvents, tls }: ServerOptions) {
  /** Connections, and how many whole requests of each wait for their answer. */
  const answering = new Map<Socket, number>();
  const app = fastify({
    ...timeouts,
    ...(tls === null ? { http: httpLimits } : { https: { ...httpLimits, ...tls } }),
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: refuse,
    clientErrorHandler: (error, socket) => refuseClient(error, socket, answering.has(socket)),
    // While it stops, requests on connections that are there are answered as ever; the publisher closes after them.
    return503OnClosing: false,
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  app.decorateRequest('grant', null);
  app.decorateRequest('heldBytes', 0);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, body: IncomingMessage) => {
    const hold = (bytes: number): void => {
      held.add(bytes);
      request.heldBytes += bytes;
    };
    const isSmall = !hasLargeEvents && !SEVERAL.includes(mediaTypeOf(request));
    return readBody(body, { limit: isSmall ? MAX_SMALL_BODY_BYTES : MAX_BODY_BYTES, hold });
  });
  // Hooks with a callback: those that return a promise cost several more for each request.
  const release = (request: FastifyRequest): void => {
    held.release(request.heldBytes);
    request.heldBytes = 0;
  };
  app.addHook('onResponse', (request, { statusCode, elapsedTime }, done) => {
    release(request);
    metrics.requests.observe({ route: request.routeOptions.url ?? 'none', status: statusCode }, elapsedTime / 1000);
    done();
  });
  app.addHook('onRequestAbort', (request, done) => {
    release(request);
    done();
  });
  app.addHook('preHandler', ({ socket }, { raw }, done) => {
    answering.set(socket, (answering.get(socket) ?? 0) + 1);
    raw.once('close', () => {
      const others = (answering.get(socket) ?? 1) - 1;
      if (others === 0) answering.delete(socket);
      else answering.set(socket, others);
    });
    done();
  });
  app.setNotFoundHandler(({ url }) => {
    throw new RequestRefused('NotFound', `There is no ${url.slice(0, 200)} here. Publish with POST /v1/events/TYPE.`);
  });
  app.setErrorHandler(refuse);
  for (const route of routes) addRoute(app, route, tokens);
  return app;
}

function refuse(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const known = fastifyErrors[error.code];
  const problem = toProblem(known === undefined ? error : new RequestRefused(known, error.message));
  if (problem.status === 500) request.log.error({ err: error }, 'a request failed by a mistake of this program');
  void send(reply, problem);
}

/** The refusals of Node's parser: there is no request that could be answered. */
const parserErrors: Readonly<Record<string, ProblemType>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'RequestTimeout',
  HPE_HEADER_OVERFLOW: 'HeadersTooLarge',
};

/** @param isAnswering an earlier request waits for its answer, which this one must not be taken for: its caller tries again */
function refuseClient(error: ConnectionError, socket: Socket, isAnswering: boolean): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) return void socket.destroy();
  const name = parserErrors[error.code] ?? 'InvalidRequest';
  const problem = toProblem(
    new RequestRefused(name, `Nothing was published: ${problemTypes[name].title} Send it anew.`),
  );
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'connection: close',
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon(); // a client that keeps its half open keeps nothing here
}

type App = ReturnType<typeof createServer>;

function addRoute(app: App, route: Route, tokens: Tokens): void {
  const { method, url } = route;
  const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((other) => other !== method);
  app.route({ method: others, url, handler: refuseMethod(method) });
  if (route.method === 'GET') {
    app.get(url, async (_, reply) => send(reply, await route.answer()));
    return;
  }
  const onRequest = (request: FastifyRequest, _: FastifyReply, done: () => void): void => {
    request.grant = authorize(request, tokens);
    checkForm(request, route.accepts);
    checkHeaders(request);
    done();
  };
  app.post(url, { onRequest }, async (request, reply) => {
    const { headers, grant } = request;
    if (grant === null) throw new Error('The request has no token.'); // onRequest has thrown before
    const [params, body] = [request.params as Record<string, string>, request.body as string | undefined]; // of this route, of the only parser
    return send(
      reply,
      await route.answer({ grant, params, headers, mediaType: mediaTypeOf(request), body: body ?? '' }),
    );
  });
}

/** @throws RequestRefused */
function authorize({ headers: { authorization } }: FastifyRequest, tokens: Tokens): Grant {
  const [, token] = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '') ?? [];
  const grant = token === undefined ? undefined : tokens.find(token);
  if (grant !== undefined) return grant;
  const why =
    token === undefined ? 'the request has no token' : 'no token of this sidecar is like the one of the request';
  const message = `Nothing was published: ${why}. Send "Authorization: Bearer TOKEN" with a token that \`ops tokens add\` has made.`;
  throw new RequestRefused('TokenRequired', message);
}

/** @throws RequestRefused */
function checkForm(request: FastifyRequest, accepts: readonly string[]): void {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    const message = 'Nothing was published: the body is compressed. Send it as it is, without Content-Encoding.';
    throw new RequestRefused('UnsupportedMediaType', message);
  }
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  if (accepts.includes(mediaTypeOf(request)) && /^utf-?8$/i.test(charset)) return;
  const message = `Nothing was published: expected Content-Type ${accepts.join(', ')}, in UTF-8.`;
  throw new RequestRefused('UnsupportedMediaType', message);
}

/** Headers that may name the event. Node joins a header that is sent twice: another one's retry would be another event. */
const ONCE = /^(idempotency-key|ce-.*)$/;

/** @throws RequestRefused */
function checkHeaders({ raw: { headersDistinct } }: FastifyRequest): void {
  const twice = Object.keys(headersDistinct).find(
    (name) => ONCE.test(name) && headersDistinct[name]?.[1] !== undefined,
  );
  if (twice === undefined) return;
  throw new RequestRefused(
    'InvalidRequest',
    `Nothing was published: the header ${twice} is there twice. Send it once.`,
  );
}

const mediaTypeOf = ({ headers }: FastifyRequest): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

function refuseMethod(method: string) {
  return async ({ url }: FastifyRequest, reply: FastifyReply): Promise<never> => {
    void reply.header('allow', method);
    throw new RequestRefused('MethodNotAllowed', `${url.slice(0, 200)} knows ${method} only.`);
  };
}

function send(reply: FastifyReply, answer: Answer | Problem): FastifyReply {
  const isProblem = !('body' in answer);
  const [body, type] = isProblem
    ? [answer, 'application/problem+json']
    : [answer.body, answer.contentType ?? 'application/json'];
  if (isProblem) void reply.headers(problemHeaders(answer));
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return reply.code(answer.status).header('content-type', `${type}; charset=utf-8`).send(text);
}

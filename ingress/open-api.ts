import { catalogue } from '../events/catalogue';
import type { EventDefinition } from '../events/define-event';
import { type Schema, WireSchemas } from '../events/wire-schema';
import { ingressSchemas } from './open-api-schemas';
import { problemTypes } from './problem';

const refer = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Schema): Schema => ({ 'application/json': { schema } });

/** The description of the sidecar's HTTP interface: OpenAPI 3.1, made from the catalogue and the table of problems. */
export function openApi() {
  const schemas = new WireSchemas(refer);
  const events: EventDefinition[] = Object.values(catalogue);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Chat events',
      version: '1',
      summary: 'Publishes the events of a chat server.',
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://127.0.0.1:8787', description: 'The sidecar on the host of the chat server' }],
    security: [{ token: [] }],
    tags: [
      { name: 'events', description: 'To publish events: a chat server needs no more.' },
      { name: 'operation', description: 'To watch the sidecar. No token is asked for.' },
    ],
    paths: {
      ...Object.fromEntries(
        events.map((event) => [`/v1/events/${event.type}`, { post: publishOne(event, schemas.add(event)) }]),
      ),
      '/v1/events': { post: publishAny },
      ...OPERATION,
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token that `npm run ops -- tokens add` has made' },
      },
      parameters: { IdempotencyKey: idempotencyKey(false), RequiredIdempotencyKey: idempotencyKey(true) },
      responses: problemResponses(),
      schemas: { ...ingressSchemas, ...schemas.definitions },
    },
  };
}

const INTRODUCTION = `A chat server posts its events to this server, which runs on the same host and keeps them on its disk until they are recorded.

- **202** says that the event is on the disk. It is delivered also if the cluster, the database and this server fail after that.
- **Send it again** under the same id after 408, 429, 503, or no answer: both are one event then.
- **400 to 422**: correct the request. Each answer but 2xx is a problem of RFC 9457 (\`application/problem+json\`), which names every wrong field by its path.
- Names of fields are read in any case, and further fields are kept. JSON text is read as it is: integers beyond 2^53 stay whole.`;

/** Statuses of a request that publishes. */
const PUBLISH_STATUSES = [...new Set(Object.values(problemTypes).map(({ status }) => status))].filter(
  (status) => ![404, 405, 431].includes(status),
);

const PROBLEMS = Object.fromEntries(
  PUBLISH_STATUSES.map((status) => [status, { $ref: `#/components/responses/${status}` }]),
);

/** Events that name their type, in every form. */
const publishAny: Schema = {
  operationId: 'publish',
  tags: ['events'],
  summary: 'Publishes one event or several, each with its type',
  description: `One event as JSON or as a CloudEvent, also in binary mode, with the attributes in headers (\`ce-id\`, \`ce-type\`, \`ce-source\`, \`ce-specversion\`)
and the data as \`application/json\`; several as lines of JSON or as a batch of CloudEvents. Each of several is published on its own: one that is refused holds up no other.`,
  parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: refer('Envelope') },
      'application/x-ndjson': { schema: { type: 'string', description: 'One `Envelope` in a line' } },
      'application/cloudevents+json': { schema: refer('CloudEvent') },
      'application/cloudevents-batch+json': { schema: { type: 'array', items: refer('CloudEvent') } },
    },
  },
  responses: {
    202: {
      description: 'Every event is on the disk of this server.',
      content: json({ anyOf: [refer('Receipt'), refer('Results')] }),
    },
    ...PROBLEMS,
  },
};

function publishOne(event: EventDefinition, data: Schema): Schema {
  const { type, about, example } = event;
  return {
    operationId: `publish${type.replaceAll('.', '')}`,
    tags: ['events'],
    summary: `Publishes ${type}`,
    description: about,
    parameters: [{ $ref: `#/components/parameters/${event.naturalId ? '' : 'Required'}IdempotencyKey` }],
    requestBody: {
      required: true,
      description: 'The data of the event, in the spelling of the chat server.',
      content: { 'application/json': { schema: data, example } },
    },
    responses: {
      202: { description: 'The event is on the disk of this server.', content: json(refer('Receipt')) },
      ...PROBLEMS,
    },
  };
}

const idempotencyKey = (required: boolean): Schema => ({
  name: 'Idempotency-Key',
  in: 'header',
  required,
  description: required
    ? 'The id of the event, such as a UUID. Send the same one when you send the event again.'
    : 'The id of the event, where it is to be another one than that of its chat.',
  schema: { type: 'string' },
  example: '0197f3a2-5b1c-7d4e-8f60-1a2b3c4d5e6f',
});

/** One for each status, which names the problems that have it. */
function problemResponses(): Record<string, Schema> {
  const entries = Object.entries(problemTypes);
  return Object.fromEntries(
    PUBLISH_STATUSES.map((status) => [
      String(status),
      {
        description: entries
          .filter(([, problem]) => problem.status === status)
          .map(([name, { title }]) => `${name}: ${title}`)
          .join(' '),
        ...(status === 401 && { headers: { 'WWW-Authenticate': { schema: { type: 'string' } } } }),
        ...([429, 503].includes(status) && {
          headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } },
        }),
        content: { 'application/problem+json': { schema: refer('Problem') } },
      },
    ]),
  );
}

const operation = (operationId: string, summary: string, answers: readonly [number, string, string][]): Schema => ({
  get: {
    operationId,
    tags: ['operation'],
    summary,
    security: [],
    responses: Object.fromEntries(
      answers.map(([status, description, type]) => [
        status,
        { description, content: { [type]: { schema: { type: type === 'application/json' ? 'object' : 'string' } } } },
      ]),
    ),
  },
});

const OPERATION: Readonly<Record<string, Schema>> = {
  '/healthz': operation('health', 'Says that the server lives', [[200, 'It does.', 'text/plain']]),
  '/readyz': operation('ready', 'Says whether the server can accept events', [
    [200, 'It can.', 'application/json'],
    [503, 'It cannot; `problem` says why.', 'application/json'],
  ]),
  '/metrics': operation('metrics', 'Metrics for Prometheus', [[200, 'Metrics', 'text/plain']]),
  '/openapi.json': operation('openApi', 'This description', [[200, 'OpenAPI 3.1', 'application/json']]),
  '/': operation('page', 'This description, for people', [[200, 'A page', 'text/html']]),
};

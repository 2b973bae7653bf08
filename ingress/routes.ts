import { formatMetrics, type Receipt } from '../client';
import type { OpenPublisher } from '../client/create-publisher';
import { readEventId } from '../events/read-identity';
import { acceptBatch, MAX_REQUEST_VALUES } from './accept-batch';
import { acceptEvent, type GivenEvent, type IdPlace } from './accept-event';
import { BATCH, isBinary, LINES, readBinary, readCloudEvent, STRUCTURED } from './cloud-events';
import { linesOf } from './lines';
import { readIdempotencyKey } from './idempotency-key';
import { parseBody } from './parse-body';
import type { IngressMetrics } from './metrics';
import { openApi } from './open-api';
import { openApiPage } from './open-api-page';
import { nameOf, problemTypes, RequestRefused } from './problem';
import { Readiness } from './readiness';
import { readEnvelope } from './read-envelope';
import type { Answer, Call, Route } from './route';

/** The parts that the routes use. */
export interface RouteParts {
  readonly publisher: OpenPublisher;
  readonly metrics: IngressMetrics;
}

/** Every address of the sidecar. */
export const createRoutes = (parts: RouteParts): readonly Route[] => {
  const readiness = new Readiness();
  return [...publishRoutes(parts, readiness), ...healthRoutes(parts, readiness), ...descriptionRoutes()];
};

function publishRoutes({ publisher, metrics }: RouteParts, readiness: Readiness): readonly Route[] {
  const accept = async (read: () => GivenEvent, { grant }: Call, idPlace: IdPlace): Promise<Receipt> => {
    try {
      const receipt = await acceptEvent(publisher, read(), { grant, idPlace });
      metrics.events.inc({ outcome: 'accepted' });
      readiness.accepted();
      return receipt;
    } catch (error) {
      const name = nameOf(error);
      metrics.events.inc({ outcome: name });
      if (problemTypes[name].status === 503) readiness.failed(name);
      throw error;
    }
  };
  const one = async (call: Call, read: () => GivenEvent, idPlace: IdPlace): Promise<Answer> => {
    return { status: 202, body: await accept(read, call, idPlace) };
  };
  const several = <T>(call: Call, items: readonly T[], read: (item: T) => GivenEvent, idPlace: IdPlace) =>
    acceptBatch(items, (item) => accept(() => read(item), call, idPlace));
  /** By the media type of the body. */
  const forms: Readonly<Record<string, (call: Call) => ReturnType<typeof acceptBatch>>> = {
    'application/json': (call) => {
      if (isBinary(call.headers)) return one(call, () => readBinary(call.headers, call.body), 'attribute id');
      const id = readIdempotencyKey(call.headers);
      return one(call, () => withId(readEnvelope(call.body), id), 'key id');
    },
    [LINES]: (call) => several(call, linesOf(call.body), readEnvelope, 'key id'),
    [STRUCTURED]: (call) => one(call, () => readCloudEvent(parseBody(call.body)), 'attribute id'),
    [BATCH]: (call) => {
      const events = parseBody(call.body, MAX_REQUEST_VALUES);
      if (!Array.isArray(events))
        throw new RequestRefused('InvalidRequest', 'Nothing was published: expected an array.');
      return several(call, events, readCloudEvent, 'attribute id');
    },
  };
  return [
    {
      method: 'POST',
      url: '/v1/events/:type',
      accepts: ['application/json'],
      answer: (call) => {
        const given = { type: call.params['type'], data: call.body, id: readIdempotencyKey(call.headers) };
        return one(call, () => given, 'header Idempotency-Key');
      },
    },
    {
      method: 'POST',
      url: '/v1/events',
      accepts: Object.keys(forms),
      answer: async (call) => {
        const answer = forms[call.mediaType];
        if (answer === undefined) throw new Error(`${call.mediaType} is none of those that are accepted.`);
        return await answer(call);
      },
    },
  ];
}

function healthRoutes({ publisher, metrics }: RouteParts, readiness: Readiness): readonly Route[] {
  const text = (body: string): Answer => ({ status: 200, body, contentType: 'text/plain; version=0.0.4' });
  return [
    { method: 'GET', url: '/healthz', answer: () => text('ok\n') },
    {
      method: 'GET',
      url: '/readyz',
      answer: () => {
        const { clusters, journal } = publisher.status();
        const failure = readiness.failure ?? (journal?.isHeld === false ? 'JournalUnavailable' : undefined);
        // It needs no token, so that it says nothing about an event or this machine.
        const problem = failure && `${failure}: ${problemTypes[failure].title}`;
        return {
          status: failure === undefined ? 200 : 503,
          body: { ready: failure === undefined, problem, journal, clusters },
        };
      },
    },
    {
      method: 'GET',
      url: '/metrics',
      answer: async () => text((await metrics.registry.metrics()) + formatMetrics(publisher.status())),
    },
  ];
}

function descriptionRoutes(): readonly Route[] {
  const document = openApi();
  const [json, page] = [JSON.stringify(document), openApiPage(document)];
  return [
    { method: 'GET', url: '/openapi.json', answer: () => ({ status: 200, body: json }) },
    { method: 'GET', url: '/', answer: () => ({ status: 200, body: page, contentType: 'text/html' }) },
  ];
}

/** The event with the id of the header, if it has one. @throws RequestRefused */
function withId(event: GivenEvent, id: string | undefined): GivenEvent {
  if (id === undefined) return event;
  const own = readEventId(event.id);
  if (own === null) return { ...event, id };
  if (own === undefined || own === readEventId(id)) return event; // one that is no id is refused by its path
  const message = 'Nothing was published: the key id and the header Idempotency-Key differ. Send one of them.';
  throw new RequestRefused('InvalidRequest', message);
}

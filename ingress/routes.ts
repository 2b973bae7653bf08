import type { OpenPublisher } from '../client/create-publisher';
import { acceptBatch } from './accept-batch';
import { acceptEvent, type GivenEvent, type IdPlace } from './accept-event';
import { BATCH, isBinary, readBinary, readCloudEvent, STRUCTURED } from './cloud-events';
import { readIdempotencyKey } from './idempotency-key';
import { parseBody } from './parse-body';
import { RequestRefused } from './problem';
import { readEnvelope } from './read-envelope';
import type { Answer, Call, Route } from './route';

/** Every address of the sidecar. */
export function createRoutes(publisher: OpenPublisher): readonly Route[] {
  const one = async ({ grant }: Call, given: GivenEvent, idPlace: IdPlace): Promise<Answer> => {
    return { status: 202, body: await acceptEvent(publisher, given, { grant, idPlace }) };
  };
  const several = <T>({ grant }: Call, items: readonly T[], read: (item: T) => GivenEvent, idPlace: IdPlace) =>
    acceptBatch(items, async (item) => await acceptEvent(publisher, read(item), { grant, idPlace }));
  /** By the media type of the body. */
  const forms: Readonly<Record<string, (call: Call) => ReturnType<typeof acceptBatch>>> = {
    'application/json': (call) => {
      if (isBinary(call.headers)) return one(call, readBinary(call.headers, call.body), 'attribute id');
      const id = readIdempotencyKey(call.headers);
      return one(call, { ...(id !== undefined && { id }), ...readEnvelope(call.body) }, 'key id');
    },
    'application/x-ndjson': (call) => several(call, linesOf(call.body), readEnvelope, 'key id'),
    [STRUCTURED]: (call) => one(call, readCloudEvent(parseBody(call.body)), 'attribute id'),
    [BATCH]: (call) => {
      const events = parseBody(call.body);
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
        return one(call, given, 'header Idempotency-Key');
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
    { method: 'GET', url: '/healthz', answer: () => ({ status: 200, body: 'ok\n', contentType: 'text/plain' }) },
  ];
}

/** Without a byte order mark, which .NET writes, and without blank lines. */
const linesOf = (text: string): string[] =>
  text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => line.trim() !== '');

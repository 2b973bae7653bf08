import type { FakeAnswer } from '../../../http/fake';
import { isObject, refusal, shapeError, type JsonObject } from './api-error';
import type { Store } from './store';

/** A request to the REST API, also as a part of a composite one. */
export interface RestRequest {
  readonly method: string;
  /** From `/services/data/` on, with its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

interface Part {
  readonly method: string;
  readonly url: string;
  readonly referenceId: string;
  readonly httpHeaders: JsonObject;
  readonly body: unknown;
}

interface PartAnswer {
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly httpStatusCode: number;
  readonly referenceId: string;
}

const MOST_PARTS = 25;

/** Thrown where one part was refused. */
class Halted extends Error {
  readonly atFault: PartAnswer;

  constructor(atFault: PartAnswer) {
    super('rolled back');
    this.atFault = atFault;
  }
}

/** Does the parts in order, each with the ids of those before it, or none. Throws where the envelope itself is refused. */
export function runComposite(
  envelope: JsonObject,
  store: Store,
  answer: (request: RestRequest) => FakeAnswer,
): readonly PartAnswer[] {
  const parts = readEnvelope(envelope);
  try {
    return store.undoIfThrows(() => {
      const done = new Map<string, PartAnswer>();
      for (const part of parts) {
        const result = runPart(part, done, answer);
        if (result.httpStatusCode >= 300) throw new Halted(result);
        done.set(part.referenceId, result);
      }
      return [...done.values()];
    });
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    const { atFault } = error;
    return parts.map(({ referenceId }) =>
      referenceId === atFault.referenceId ? atFault : halted(referenceId, ROLLED_BACK),
    );
  }
}

const ROLLED_BACK = 'The transaction was rolled back since another operation in the same transaction failed.';

const halted = (referenceId: string, message: string): PartAnswer => ({
  body: [shapeError({ errorCode: 'PROCESSING_HALTED', message }, 400)],
  httpHeaders: {},
  httpStatusCode: 400,
  referenceId,
});

function runPart(
  { method, url, referenceId, httpHeaders, body }: Part,
  done: ReadonlyMap<string, PartAnswer>,
  answer: (request: RestRequest) => FakeAnswer,
): PartAnswer {
  const missing: string[] = [];
  const fill = (text: string): string =>
    text.replaceAll(/@\{(\w+)((?:\.\w+|\[\d+\])*)\}/g, (_, reference: string, path: string) => {
      const id = path === '.id' ? (done.get(reference)?.body as { id?: string } | undefined)?.id : undefined; // as created
      if (id === undefined) missing.push(`${reference}${path}`);
      return id ?? '';
    });
  const filled = JSON.stringify(body, (_, value: unknown) => (typeof value === 'string' ? fill(value) : value));
  if (missing.length > 0) return halted(referenceId, `Invalid reference specified. No value for ${missing[0]} found.`);
  const { status, headers = {}, body: text } = answer({ method, url, headers: httpHeaders, body: filled });
  const { location } = headers;
  return {
    body: text === undefined ? null : JSON.parse(text),
    httpHeaders: location === undefined ? {} : { Location: location },
    httpStatusCode: status,
    referenceId,
  };
}

const malformed = (message: string) => refusal(400, 'JSON_PARSER_ERROR', message);

const ENVELOPE = ['allOrNone', 'collateSubrequests', 'compositeRequest'];
const PART = ['method', 'url', 'referenceId', 'body', 'httpHeaders'];
const FORBIDDEN_HEADERS = ['accept', 'authorization', 'content-type'];

/** As the consumer sends it, all or none, with writes only; anything else is refused, as Salesforce does or not. */
function readEnvelope(envelope: JsonObject): readonly Part[] {
  const { allOrNone, compositeRequest } = envelope;
  refuseOthers(envelope, ENVELOPE);
  if (allOrNone !== true) throw malformed('This fake does all or none.');
  if (!Array.isArray(compositeRequest) || compositeRequest.length === 0) {
    throw malformed('The composite request has no subrequests.');
  }
  const parts = compositeRequest.map(readPart);
  if (parts.length > MOST_PARTS) throw refusal(400, 'LIMIT_EXCEEDED', 'The limit of subrequests is exceeded.');
  if (new Set(parts.map(({ referenceId }) => referenceId)).size < parts.length) {
    throw malformed('Duplicate reference ID.');
  }
  return parts;
}

function readPart(part: unknown): Part {
  if (!isObject(part)) throw malformed('A subrequest is an object.');
  refuseOthers(part, PART);
  const { method, url, referenceId, httpHeaders = {}, body } = part;
  if (method !== 'POST' && method !== 'PATCH') throw malformed('Invalid HTTP method');
  if (typeof url !== 'string' || !url.startsWith('/services/data/v')) throw malformed('Invalid URL');
  if (typeof referenceId !== 'string' || !/^\w+$/.test(referenceId)) throw malformed('Invalid referenceId');
  const isForbidden = (name: string): boolean => FORBIDDEN_HEADERS.includes(name.toLowerCase());
  if (!isObject(httpHeaders) || Object.keys(httpHeaders).some(isForbidden)) throw malformed('Invalid header');
  return { method, url, referenceId, httpHeaders, body };
}

function refuseOthers(object: JsonObject, known: readonly string[]): void {
  const other = Object.keys(object).find((name) => !known.includes(name));
  if (other !== undefined) throw malformed(`Unrecognized field "${other}"`);
}

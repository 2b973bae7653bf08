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
const MOST_QUERIES = 5;

/** Thrown where one part of all-or-none was refused. */
class Halted extends Error {
  readonly atFault: PartAnswer;

  constructor(atFault: PartAnswer) {
    super('rolled back');
    this.atFault = atFault;
  }
}

/** Does the parts in order, each with what the ones before it answered. Throws where the envelope itself is refused. */
export function runComposite(
  envelope: JsonObject,
  store: Store,
  answer: (request: RestRequest) => FakeAnswer,
): readonly PartAnswer[] {
  const { parts, allOrNone } = readEnvelope(envelope);

  function run(): PartAnswer[] {
    const done = new Map<string, PartAnswer>();
    for (const part of parts) {
      const result = runPart(part, done, answer);
      if (allOrNone && result.httpStatusCode >= 300) throw new Halted(result);
      done.set(part.referenceId, result);
    }
    return [...done.values()];
  }

  try {
    return store.undoIfThrows(run);
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
      const found = valueAt(done.get(reference), path);
      if (found === undefined) missing.push(`${reference}${path}`);
      return found ?? '';
    });
  const filled =
    body === undefined
      ? ''
      : JSON.stringify(body, (_, value: unknown) => (typeof value === 'string' ? fill(value) : value));
  const target = fill(url);
  if (missing.length > 0) return halted(referenceId, `Invalid reference specified. No value for ${missing[0]} found.`);
  const { status, headers = {}, body: text } = answer({ method, url: target, headers: httpHeaders, body: filled });
  const { location } = headers;
  return {
    body: text === undefined ? null : JSON.parse(text),
    httpHeaders: location === undefined ? {} : { Location: location },
    httpStatusCode: status,
    referenceId,
  };
}

function valueAt(answered: PartAnswer | undefined, path: string): string | undefined {
  if (answered === undefined || answered.httpStatusCode >= 300) return undefined;
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  const found = steps.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? (value as JsonObject)[step] : undefined),
    answered.body,
  );
  return typeof found === 'string' ? found : undefined;
}

const malformed = (message: string) => refusal(400, 'JSON_PARSER_ERROR', message);

const ENVELOPE = ['allOrNone', 'collateSubrequests', 'compositeRequest'];
const PART = ['method', 'url', 'referenceId', 'body', 'httpHeaders'];
const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
const FORBIDDEN_HEADERS = ['accept', 'authorization', 'content-type'];

function readEnvelope(envelope: JsonObject): { readonly parts: readonly Part[]; readonly allOrNone: boolean } {
  const { allOrNone = false, compositeRequest } = envelope;
  refuseOthers(envelope, ENVELOPE);
  if (typeof allOrNone !== 'boolean') throw malformed('Cannot deserialize instance of boolean');
  if (!Array.isArray(compositeRequest) || compositeRequest.length === 0) {
    throw malformed('The composite request has no subrequests.');
  }
  const parts = compositeRequest.map(readPart);
  const queries = parts.filter(({ url }) => /\/query\b/.test(url));
  if (parts.length > MOST_PARTS || queries.length > MOST_QUERIES) {
    throw refusal(400, 'LIMIT_EXCEEDED', 'The limit of subrequests is exceeded.');
  }
  if (new Set(parts.map(({ referenceId }) => referenceId)).size < parts.length) {
    throw malformed('Duplicate reference ID.');
  }
  return { parts, allOrNone };
}

function readPart(part: unknown): Part {
  if (!isObject(part)) throw malformed('A subrequest is an object.');
  refuseOthers(part, PART);
  const { method, url, referenceId, httpHeaders = {}, body } = part;
  if (typeof method !== 'string' || !METHODS.includes(method)) throw malformed('Invalid HTTP method');
  if (typeof url !== 'string' || !url.startsWith('/services/data/v')) throw malformed('Invalid URL');
  if (typeof referenceId !== 'string' || !/^[A-Za-z0-9_]+$/.test(referenceId)) {
    throw malformed('Provided referenceId is missing or invalid');
  }
  const isHeaders =
    isObject(httpHeaders) && !Object.keys(httpHeaders).some((name) => FORBIDDEN_HEADERS.includes(name.toLowerCase()));
  if (!isHeaders) throw malformed('Invalid header in a subrequest');
  return { method, url, referenceId, httpHeaders, body };
}

function refuseOthers(object: JsonObject, known: readonly string[]): void {
  const other = Object.keys(object).find((name) => !known.includes(name));
  if (other !== undefined) throw malformed(`Unrecognized field "${other}"`);
}

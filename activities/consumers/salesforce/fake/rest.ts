import type { FakeAnswer } from '../../../http/fake';
import { answerError, ApiError, json, notFound, readJson, refusal, type JsonObject } from './api-error';
import { fillAnswer } from '../../../http/fake/fill-answer';
import { answers } from './answers';
import type { Stored } from './check-values';
import { runComposite, type RestRequest } from './composite';
import type { ObjectName } from './field';
import type { FakeObject } from './objects';
import type { Org } from './org';
import { runQuery, type Row } from './run-query';
import { objectNameOf, type SaveOptions, type Store } from './store';

/** Of the versions that ever were, those that are no more. */
const RETIRED = 30;
/** Winter '27; the documents of v68.0 are the newest. */
const NEWEST = 68;

/** The REST API of an organisation, for whoever is signed in. */
export function createRest(store: Store, org: Org) {
  const cursors = new Map<string, readonly Row[]>();

  /** Throws ApiError for what is refused. */
  function route(request: RestRequest): FakeAnswer {
    const { pathname, searchParams } = new URL(request.url, 'http://fake');
    const [, version, rest = ''] = /^\/services\/data\/v(\d+)\.0\/(.*)$/.exec(pathname) ?? [];
    if (version === undefined || Number(version) > NEWEST) throw notFound();
    if (Number(version) <= RETIRED) {
      throw refusal(410, 'GONE', `The API version v${version}.0 is no longer supported.`);
    }
    const base = `/services/data/v${version}.0`;
    const [kind, ...parts] = rest.split('/').map(decodeURIComponent);
    const operation = `${request.method} ${kind}`;
    if (operation === 'GET query') return query(base, searchParams.get('q'), parts[0]);
    if (operation === 'GET limits') return json(200, { DailyApiRequests: { Max: org.callsPerDay } });
    if (operation === 'POST composite' && parts.length === 0) {
      return fillAnswer(answers.composed, { parts: runComposite(readJson(request.body), store, answer) });
    }
    if (kind !== 'sobjects') throw notFound();
    return sobjects(request, base, parts);
  }

  function sobjects(request: RestRequest, base: string, [name, ...rest]: readonly string[]): FakeAnswer {
    const type = objectNameOf(name);
    if (type === undefined || org.access[type] === 'none') throw notFound();
    const object = store.objects[type];
    const { method } = request;
    const [first, value] = rest;
    if (method === 'GET' && first === 'describe')
      return json(200, described(object, org.access[type] !== 'read', org.deletes));
    if (method === 'GET' && rest.length === 1) return json(200, shown(store.locate(type, String(first)), base));
    if (method === 'DELETE' && rest.length === 1) return remove(store.locate(type, String(first)));
    if (method !== 'POST' && method !== 'PATCH')
      throw refusal(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${method}' not allowed.`);
    if (org.access[type] === 'read') {
      throw refusal(403, 'INSUFFICIENT_ACCESS', `insufficient access rights on entity: ${type}`, []);
    }
    if (method === 'POST' && rest.length === 0) return created(create(request, type), base);
    if (method === 'PATCH' && rest.length === 1) return change(request, store.locate(type, String(first)));
    if (method === 'PATCH' && value !== undefined && rest.length === 2) {
      return upsert(request, base, object, String(first), value);
    }
    throw notFound();
  }

  const create = (request: RestRequest, type: ObjectName): Stored =>
    store.create(type, readJson(request.body), optionsOf(request));

  function change(request: RestRequest, stored: Stored): FakeAnswer {
    store.change(stored, readJson(request.body), optionsOf(request));
    return fillAnswer(answers.changed);
  }

  function remove(stored: Stored): FakeAnswer {
    if (!org.deletes) {
      throw refusal(403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id', []);
    }
    store.remove(stored);
    return fillAnswer(answers.changed);
  }

  function upsert(request: RestRequest, base: string, object: FakeObject, name: string, value: string): FakeAnswer {
    const field = object.field(name);
    if (!field?.idLookup) {
      const message = `Provided external ID field does not exist or is not accessible: ${name}`;
      throw refusal(404, 'NOT_FOUND', message);
    }
    const body = readJson(request.body);
    const bad = Object.keys(body).find((one) => ['id', field.name.toLowerCase()].includes(one.toLowerCase()));
    if (bad !== undefined) {
      throw refusal(400, 'INVALID_FIELD', `The ${bad} field should not be specified in the sobject data.`);
    }
    const [known, ...others] = store.withValue(object.name, field.name, value);
    if (known !== undefined && others.length > 0) {
      const urls = [known, ...others].map(({ id }) => `${base}/sobjects/${object.name}/${id}`);
      return fillAnswer(answers.ambiguous, { urls });
    }
    const options = optionsOf(request);
    const stored =
      known === undefined
        ? store.create(object.name, { ...body, [field.name]: value }, options)
        : store.change(known, body, options);
    return json(known ? 200 : 201, { id: stored.id, success: true, errors: [], created: known === undefined });
  }

  function query(base: string, text: string | null, locator: string | undefined): FakeAnswer {
    if (locator !== undefined) {
      const [id = '', from] = locator.split('-');
      const rows = cursors.get(id);
      if (rows === undefined) throw refusal(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
      return page(base, rows, id, Number(from));
    }
    if (text === null) throw refusal(400, 'MALFORMED_QUERY', 'unexpected token: <EOF>');
    const rows = runQuery(store, org, text, base);
    const id = `01gQy${String(cursors.size).padStart(10, '0')}`;
    if (rows.length > org.pageSize) cursors.set(id, rows);
    return page(base, rows, id, 0);
  }

  function page(base: string, rows: readonly Row[], id: string, from: number): FakeAnswer {
    const next = from + org.pageSize;
    const done = next >= rows.length;
    const more = done ? undefined : `${base}/query/${id}-${next}`;
    const records = rows.slice(from, next);
    return fillAnswer(answers.page, { total: rows.length, isDone: done, next: more, records });
  }

  function answer(request: RestRequest): FakeAnswer {
    try {
      return route(request);
    } catch (error) {
      if (error instanceof ApiError) return answerError(error);
      throw error;
    }
  }

  return answer;
}

/** Names and values of headers: REST guide, "Duplicate Rule Header" and "Assignment Rule Header". */
function optionsOf({ headers }: RestRequest): SaveOptions {
  const header = (wanted: string): string | undefined => {
    const value = Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1];
    return typeof value === 'string' ? value : undefined;
  };
  const duplicates = header('sforce-duplicate-rule-header') ?? '';
  const says = (name: string): boolean => new RegExp(String.raw`\b${name}\s*=\s*true\b`, 'i').test(duplicates);
  return {
    allowSave: says('allowSave'),
    includeRecordDetails: says('includeRecordDetails'),
    autoAssign: header('sforce-auto-assign'),
  };
}

function created({ type, id }: Stored, base: string): FakeAnswer {
  const answer = fillAnswer(answers.created, { id });
  return { ...answer, headers: { ...answer.headers, location: `${base}/sobjects/${type}/${id}` } };
}

const shown = ({ type, id, values }: Stored, base: string): JsonObject => ({
  attributes: { type, url: `${base}/sobjects/${type}/${id}` },
  ...values,
});

const described = ({ name, keyPrefix, fields }: FakeObject, mayWrite: boolean, mayDelete: boolean): JsonObject => ({
  name,
  label: name,
  labelPlural: `${name}s`,
  keyPrefix,
  custom: false,
  createable: mayWrite,
  updateable: mayWrite,
  deletable: mayWrite && mayDelete,
  queryable: true,
  searchable: true,
  recordTypeInfos: [],
  childRelationships: [],
  fields: mayWrite ? fields : fields.map((field) => ({ ...field, createable: false, updateable: false })),
});

import type { FakeAnswer } from '../../../http/fake';
import { answerError, ApiError, json, notFound, readJson, refusal, type JsonObject } from './api-error';
import { fillAnswer } from '../../../http/fake/fill-answer';
import { answers } from './answers';
import type { Stored } from './check-values';
import { runComposite, type RestRequest } from './composite';
import type { ObjectName } from './field';
import type { FakeObject } from './objects';
import type { Org } from './org';
import { runQuery } from './run-query';
import { objectNameOf, type SaveOptions, type Store } from './store';

/** Of the versions that ever were, those that are no more. */
const RETIRED = 30;
/** Winter '27; the documents of v68.0 are the newest. */
const NEWEST = 68;

/** The REST API of an organisation as its user sees it, as far as the consumer asks. */
export function createRest(store: Store, org: Org) {
  /** Throws ApiError for a refused request. */
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
    if (operation === 'GET query') {
      const records = runQuery(store, org, searchParams.get('q') ?? '', base);
      return fillAnswer(answers.page, { total: records.length, records });
    }
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
    const [first] = rest;
    if (method === 'GET' && first === 'describe')
      return json(200, described(object, org.access[type] !== 'read', org.deletes));
    if (method === 'DELETE' && rest.length === 1) return remove(store.locate(type, String(first)));
    if (method !== 'POST' && method !== 'PATCH')
      throw refusal(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${method}' not allowed.`);
    if (org.access[type] === 'read') {
      throw refusal(403, 'INSUFFICIENT_ACCESS', `insufficient access rights on entity: ${type}`, []);
    }
    if (method === 'POST' && rest.length === 0) return created(create(request, type), base);
    if (method === 'PATCH' && rest.length === 1) return change(request, store.locate(type, String(first)));
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

import type { HttpMethods } from 'jsforce';
import { z } from 'zod';
import type { SignInStore } from '../../connections/sign-in';
import { DeliveryFailure } from '../../failures';
import type { GuardedAgent } from '../../http/guard';
import type { SalesforceAccount } from './account';
import { readDescription, type ObjectDescription } from './describe';
import { readErrors, SalesforceRefusal, type SalesforceError } from './salesforce-failure';
import type { Session } from './sessions';
import type { Token } from './sign-in';
import { createTransport, openConnection } from './transport';

/** One record to create or change. */
export interface Write {
  readonly method: 'POST' | 'PATCH';
  /** Below `sobjects/`: `Case`, or `Contact/003...`. */
  readonly path: string;
  /** By which other writes refer to it: `@{target.id}`. */
  readonly referenceId: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Of this write alone: parts of a composite request do not inherit them. Source: REST guide, "Composite Subrequest". */
  readonly httpHeaders?: Readonly<Record<string, string>>;
}

/** The REST API of an org, for one delivery. */
export interface Api {
  /** Who is signed in, and where. */
  token(): Promise<Token>;
  /** The object as the user sees it; kept for an hour. */
  describe(name: string): Promise<ObjectDescription>;
  query(soql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /**
   * Does all or nothing. @returns the ids of the records that it created, by referenceId
   * @throws SalesforceRefusal with the errors of those at fault
   */
  write(writes: readonly Write[]): Promise<Readonly<Record<string, string>>>;
  /** @throws SalesforceRefusal where the user may not, or it is not there */
  remove(object: string, id: string): Promise<void>;
  /** Calls of the day, used and allowed, as the last answer said. */
  usage(): { readonly used: number; readonly limit: number } | undefined;
}

interface Call<T> {
  readonly method: HttpMethods;
  /** Below the version of the API. */
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Reads the answer. @throws DeliveryFailure where it has another form */
  readonly read: (answer: unknown) => T;
}

interface ApiOptions {
  readonly dispatcher: GuardedAgent;
  readonly session: Session;
  readonly account: SalesforceAccount;
  readonly signIn: SignInStore;
  readonly signal: AbortSignal;
}

/** Sign-ins that one delivery may bring about beside the first: an org that refuses every token must not be asked for ever. */
const MOST_REFRESHES = 2;
const DESCRIBED_FOR_MS = 3600_000;
/** Answers of an instance that does not serve the org: nothing was done. */
const NOT_SERVED = [301, 302, 303, 307, 308, 404, 421];

const created = z.object({ id: z.string().regex(/^[A-Za-z0-9]{15,18}$/), success: z.literal(true) });
const queried = z.object({ records: z.array(z.record(z.string(), z.unknown())) });
const composed = z.object({
  compositeResponse: z.array(z.object({ referenceId: z.string(), httpStatusCode: z.number(), body: z.unknown() })),
});

export function openApi({ dispatcher, session, account, signIn, signal }: ApiOptions): Api {
  const { apiVersion: version } = account.config;
  const transport = createTransport(dispatcher, signal);
  const base = `/services/data/v${version}`;
  const openedAt = performance.now();
  let refreshes = 0;
  let usage: { used: number; limit: number } | undefined;

  /** Sends once to one instance. @throws also where `read` does */
  async function send<T>({ method, path, body, headers, read }: Call<T>, token: Token): Promise<T> {
    const connection = openConnection(transport, { ...token, version });
    try {
      const answer = await connection.request({
        method,
        url: `${token.instanceUrl}${base}${path}`,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { ...headers, 'content-type': 'application/json' },
        }),
      });
      return read(answer);
    } finally {
      // Answers to requests of one moment come in any order.
      const { apiUsage = usage } = connection.limitInfo;
      if (connection.limitInfo.apiUsage) session.quota.note(connection.limitInfo.apiUsage);
      if (apiUsage !== undefined && apiUsage.used >= (usage?.used ?? 0)) usage = apiUsage;
    }
  }

  async function call<T>(request: Call<T>, refused?: Token): Promise<T> {
    const token = await session.token(signIn, refused);
    try {
      return await send(request, token);
    } catch (error) {
      if (isExpired(error) && refreshes < MOST_REFRESHES) {
        refreshes += 1;
        return await call(request, token);
      }
      // The token that this delivery has just been given is no older than the answer.
      if (token.givenAt > openedAt || !mayHaveMoved(error)) throw error;
      const waitMs = session.doubt(token);
      if (waitMs > 0 && isUndone(error) && !isSaid(error)) throw askedLater(error, waitMs);
      // Without an answer to a write the next attempt looks first.
      if (!isUndone(error) && request.method !== 'GET') throw error;
      const next = await session.token(signIn);
      if (next.instanceUrl === token.instanceUrl) throw error;
      return await send(request, next);
    }
  }

  async function writeOne({
    method,
    path,
    referenceId,
    body,
    httpHeaders: headers,
  }: Write): Promise<Record<string, string>> {
    const read = (answer: unknown): Record<string, string> =>
      method === 'POST' ? { [referenceId]: readBy(created, answer).id } : {};
    return await call({ method, path: `/sobjects/${path}`, body, headers, read });
  }

  return {
    token: () => session.token(signIn),
    usage: () => usage,
    async describe(name) {
      const known = session.objects.get(name);
      if (known !== undefined && performance.now() - known.readAt < DESCRIBED_FOR_MS) return known.description;
      const read = (answer: unknown): ObjectDescription => {
        const described = readDescription(answer);
        if (described === undefined) throw malformed();
        return described;
      };
      const description = await call({ method: 'GET', path: `/sobjects/${name}/describe`, read });
      session.objects.set(name, { description, readAt: performance.now() });
      return description;
    },
    query: (soql) =>
      call({
        method: 'GET',
        path: `/query?q=${encodeURIComponent(soql)}`,
        read: (answer) => readBy(queried, answer).records,
      }),
    remove: (object, id) => call({ method: 'DELETE', path: `/sobjects/${object}/${id}`, read: () => {} }),
    async write(writes) {
      const [only] = writes;
      if (only !== undefined && writes.length === 1) return await writeOne(only);
      const compositeRequest = writes.map(({ path, ...write }) => ({ ...write, url: `${base}/sobjects/${path}` }));
      const body = { allOrNone: true, collateSubrequests: false, compositeRequest };
      const read = (answer: unknown) => {
        const { compositeResponse } = readBy(composed, answer);
        const failed = compositeResponse.filter(({ httpStatusCode }) => httpStatusCode >= 300);
        if (failed.length > 0) throw partsRefusal(failed);
        return compositeResponse;
      };
      const parts = await call({ method: 'POST', path: '/composite', body, read });
      if (parts.length !== writes.length) throw malformed();
      const isCreated = new Set(writes.filter(({ method }) => method === 'POST').map(({ referenceId }) => referenceId));
      const wanted = parts.filter(({ referenceId }) => isCreated.has(referenceId));
      return Object.fromEntries(wanted.map((part) => [part.referenceId, readBy(created, part.body).id]));
    },
  };
}

/** Of a composite that was rolled back: the parts at fault; the others only say that they were halted. */
function partsRefusal(
  parts: readonly { readonly httpStatusCode: number; readonly body: unknown }[],
): SalesforceRefusal {
  const all = parts.map(({ httpStatusCode, body }) => ({ status: httpStatusCode, errors: readErrors(body) }));
  const notHalted = all.filter(({ errors }) => errors.length === 0 || !errors.every(isHalted));
  const atFault = notHalted.find(({ errors }) => errors.length > 0) ?? notHalted[0] ?? all[0];
  return new SalesforceRefusal(atFault?.status ?? 500, atFault?.errors ?? []);
}

const isHalted = ({ code }: SalesforceError): boolean => code === 'PROCESSING_HALTED';

/** For refusals that a new token mends; the others say that the app itself is not allowed. */
const isExpired = (error: unknown): boolean =>
  error instanceof SalesforceRefusal && (error.status === 401 || error.has('INVALID_SESSION_ID')) && !error.isForGood;

/** The instance does not serve the org: nothing was done there. */
const isUndone = (error: unknown): boolean =>
  error instanceof SalesforceRefusal && (NOT_SERVED.includes(error.status) || error.has('ORG_NOT_OWNED_BY_INSTANCE'));

/** An org that has moved: its old instance says so, answers as if there were no org, or not at all. */
function mayHaveMoved(error: unknown): boolean {
  if (!(error instanceof DeliveryFailure)) return false;
  return isSaid(error) ? isUndone(error) : error.type === 'Unavailable' || isUndone(error);
}

/** Salesforce itself gives a reason. */
const isSaid = (error: unknown): boolean => error instanceof SalesforceRefusal && error.errors.length > 0;

/** Where the org is now is not known before the next sign-in: parking would be for nothing if it has moved since the last. */
function askedLater(error: unknown, retryAfterMs: number): DeliveryFailure {
  const { details } = error as DeliveryFailure; // isUndone has seen it
  const message = 'The Salesforce instance does not serve the org; where it is now is asked with the next sign-in.';
  return new DeliveryFailure('Unavailable', message, { details, retryAfterMs, ours: true, cause: error });
}

function readBy<T>(schema: z.ZodType<T>, answer: unknown): T {
  const { success, data } = schema.safeParse(answer);
  if (success) return data;
  throw malformed();
}

/** It is not known whether it was done; the next attempt looks. */
const malformed = (): DeliveryFailure =>
  new DeliveryFailure('Unavailable', 'Salesforce says something that is not understood; it is tried again.', {
    details: { code: 'MALFORMED_ANSWER' },
  });

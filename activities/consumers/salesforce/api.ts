import type { HttpMethods } from 'jsforce';
import { z } from 'zod';
import type { KeepSecrets } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import type { GuardedAgent } from '../../http/guard';
import type { SalesforceAccount } from './account';
import { readDescription, type ObjectDescription } from './describe';
import { readErrors, SalesforceRefusal } from './salesforce-failure';
import type { Session } from './sessions';
import type { Token } from './sign-in';
import { createTransport, openConnection } from './transport';

/** One record to create or change. */
export interface Write {
  readonly method: 'POST' | 'PATCH';
  /** Below `sobjects/`: `Case`, or `Contact/003...`. */
  readonly path: string;
  /** What others call it: `@{target.id}`. */
  readonly referenceId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The REST API of an org, for one delivery. */
export interface Api {
  /** Origin of the org, where its records are looked at. */
  instanceUrl(): Promise<string>;
  /** The object as the user sees it; kept for an hour. */
  describe(name: string): Promise<ObjectDescription>;
  query(soql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /**
   * Does all or nothing. @returns the ids of what was created, by referenceId
   * @throws SalesforceRefusal with the errors of those at fault
   */
  write(writes: readonly Write[]): Promise<Readonly<Record<string, string>>>;
  /** Who is signed in, as a URL; null where Salesforce has not said. */
  identity(): Promise<string | null>;
  /** Calls of the day, used and allowed, as the last answer said. */
  usage(): { readonly used: number; readonly limit: number } | undefined;
}

interface ApiOptions {
  readonly dispatcher: GuardedAgent;
  readonly session: Session;
  readonly account: SalesforceAccount;
  readonly keepSecrets: KeepSecrets;
  readonly signal: AbortSignal;
}

/** Sign-ins that one delivery may bring about beside the first: an org that refuses every token must not be asked for ever. */
const MOST_REFRESHES = 2;
const DESCRIBED_FOR_MS = 3600_000;

const created = z.object({ id: z.string().regex(/^[A-Za-z0-9]{15,18}$/), success: z.literal(true) });
const queried = z.object({ records: z.array(z.record(z.string(), z.unknown())) });
const composed = z.object({
  compositeResponse: z.array(z.object({ referenceId: z.string(), httpStatusCode: z.number(), body: z.unknown() })),
});

export function openApi({ dispatcher, session, account, keepSecrets, signal }: ApiOptions): Api {
  const { apiVersion: version } = account.config;
  const transport = createTransport(dispatcher, signal);
  const base = `/services/data/v${version}`;
  let refreshes = 0;
  let usage: { used: number; limit: number } | undefined;

  async function call(method: HttpMethods, path: string, body?: object, refused?: Token): Promise<unknown> {
    const token = await session.token(account, keepSecrets, refused);
    const connection = openConnection(transport, { ...token, version });
    try {
      return await connection.request({
        method,
        url: `${token.instanceUrl}${base}${path}`,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
    } catch (error) {
      if (!(error instanceof SalesforceRefusal) || !isExpired(error) || refreshes >= MOST_REFRESHES) throw error;
      refreshes += 1;
      return await call(method, path, body, token);
    } finally {
      usage = connection.limitInfo.apiUsage ?? usage;
    }
  }

  async function writeOne({ method, path, referenceId, body }: Write): Promise<Record<string, string>> {
    const answer = await call(method, `/sobjects/${path}`, body);
    return method === 'POST' ? { [referenceId]: read(created, answer).id } : {};
  }

  return {
    instanceUrl: async () => (await session.token(account, keepSecrets)).instanceUrl,
    identity: async () => (await session.token(account, keepSecrets)).identity,
    usage: () => usage,
    async describe(name) {
      const known = session.objects.get(name);
      if (known !== undefined && performance.now() - known.readAt < DESCRIBED_FOR_MS) return known.description;
      const description = readDescription(await call('GET', `/sobjects/${name}/describe`));
      if (description === undefined) throw malformed();
      session.objects.set(name, { description, readAt: performance.now() });
      return description;
    },
    query: async (soql) => read(queried, await call('GET', `/query?q=${encodeURIComponent(soql)}`)).records,
    async write(writes) {
      const [only] = writes;
      if (only !== undefined && writes.length === 1) return await writeOne(only);
      const compositeRequest = writes.map(({ path, ...write }) => ({ ...write, url: `${base}/sobjects/${path}` }));
      const body = { allOrNone: true, collateSubrequests: false, compositeRequest };
      const { compositeResponse: parts } = read(composed, await call('POST', '/composite', body));
      const failed = parts.filter(({ httpStatusCode }) => httpStatusCode >= 300);
      if (failed.length > 0) throw partsRefusal(failed);
      if (parts.length !== writes.length) throw malformed();
      const isCreated = new Set(writes.filter(({ method }) => method === 'POST').map(({ referenceId }) => referenceId));
      const wanted = parts.filter(({ referenceId }) => isCreated.has(referenceId));
      return Object.fromEntries(wanted.map((part) => [part.referenceId, read(created, part.body).id]));
    },
  };
}

/** Of a composite that was rolled back: the parts at fault; the others only say that they were halted. */
function partsRefusal(
  parts: readonly { readonly httpStatusCode: number; readonly body: unknown }[],
): SalesforceRefusal {
  const all = parts.map(({ httpStatusCode, body }) => ({ status: httpStatusCode, errors: readErrors(body) }));
  const atFault = all.find(({ errors }) => errors.some(({ code }) => code !== 'PROCESSING_HALTED')) ?? all[0];
  return new SalesforceRefusal(atFault?.status ?? 500, atFault?.errors ?? []);
}

/** 401 for what a new token mends; the others say that the app itself is not allowed. */
const isExpired = (error: SalesforceRefusal): boolean => error.status === 401 && !error.isForGood;

function read<T>(schema: z.ZodType<T>, answer: unknown): T {
  const { success, data } = schema.safeParse(answer);
  if (success) return data;
  throw malformed();
}

/** Nobody knows whether it was done; the next attempt looks. */
const malformed = (): DeliveryFailure =>
  new DeliveryFailure('Unavailable', 'Salesforce says something that is not understood; it is tried again.', {
    details: { code: 'MALFORMED_ANSWER' },
  });

import { startFakeServer, type FakeAnswer, type FakeRequest, type Fault } from '../../http/fake';
import { answerError, refusal } from './fake/api-error';
import type { Values } from './fake/check-values';
import { objectNames, type ObjectName } from './fake/field';
import { KEY_FIELD, makeObjects, type ObjectsOptions } from './fake/objects';
import { defaultOrg, type Org } from './fake/org';
import { createRest } from './fake/rest';
import type { Stored } from './fake/check-values';
import { createStore } from './fake/store';
import { createTokens, type SignInOptions } from './fake/tokens';

/** A request as it came in, with any answer. */
export interface Arrival extends FakeRequest {
  /** The fault that it met. */
  readonly fault: Fault | undefined;
}

export interface SalesforceOptions extends ObjectsOptions, SignInOptions {
  /** How the organisation behaves; the rest as `defaultOrg` says. */
  readonly org?: Partial<Org>;
  /** Asked for each request; undefined = all goes well. */
  readonly fault?: (request: FakeRequest) => Fault | undefined;
  /** Default: any free one. */
  readonly port?: number;
}

const TOKEN_PATH = '/services/oauth2/token';

export const isSignIn = ({ path }: FakeRequest): boolean => path === TOKEN_PATH;

/** True for the request that creates a case or task, alone or with all that belongs to it. */
export const isRecordCreation = ({ method, path }: FakeRequest): boolean =>
  method === 'POST' && /\/(sobjects\/(Case|Task)|composite)$/.test(path);

/** A real Salesforce organisation on 127.0.0.1, with records and sign-ins, that refuses as the real one and fails as it is told. */
export async function startSalesforce({ org: wanted, fault, port = 0, ...options }: SalesforceOptions = {}) {
  const arrivals: Arrival[] = [];
  const org: Org = { ...defaultOrg(), ...wanted };
  const store = createStore(makeObjects(options), org);
  const tokens = createTokens(options, org, () => server.origin);
  const rest = createRest(store, org);
  let calls = 0;

  async function handle(request: FakeRequest): Promise<FakeAnswer> {
    const { headers, ...answer } = isSignIn(request) ? await tokens.signIn(request) : answerOf(request);
    return { ...answer, headers: { ...headers, date: new Date(org.clock()).toUTCString() } };
  }

  function answerOf(request: FakeRequest): FakeAnswer {
    const answer = refuseCaller(request) ?? rest({ ...request, url: `${request.path}?${request.query.toString()}` });
    const usage = { 'sforce-limit-info': `api-usage=${calls}/${org.callsPerDay}` };
    return { ...answer, headers: { ...answer.headers, ...usage } };
  }

  function refuseCaller(request: FakeRequest): FakeAnswer | undefined {
    if (!tokens.isValid(request)) return expiredSession;
    if (calls >= org.callsPerDay) return refuse(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    calls += 1;
    const isJson = String(request.headers['content-type']).startsWith('application/json');
    if (['GET', 'DELETE'].includes(request.method) || isJson) return undefined;
    return refuse(415, 'UNSUPPORTED_MEDIA_TYPE', 'The content type is not supported.');
  }

  const server = await startFakeServer({
    handle,
    note: (request, met) => void arrivals.push({ ...request, fault: met }),
    fault,
    port,
  });
  const { clientId, clientSecret } = tokens.app;
  const located = (id: string): Stored => {
    const stored = store.byId(id);
    if (stored === undefined) throw new Error(`There is no record ${id}.`);
    return stored;
  };
  return {
    ...server,
    arrivals,
    /** May be changed while it runs. */
    org,
    /** Those of a kind that are not removed. */
    records: (type: ObjectName): readonly Stored[] => store.live(type),
    /** Those of a delivery, by its id in the external-id field: one of each kind, if all is well. */
    recordsOf: (deliveryId: string): readonly Stored[] =>
      objectNames.flatMap((type) => store.withValue(type, KEY_FIELD, deliveryId)),
    /** As an agent does, without any check. @returns the record's id */
    add: (type: ObjectName, values: Values): string => store.add(type, values).id,
    edit: (id: string, values: Values): void => void store.overwrite(located(id), values),
    remove: (id: string): void => store.remove(located(id)),
    /** Access tokens that were given. */
    signIns: tokens.given,
    expireTokens: tokens.expireAll,
    revokeRefreshToken: tokens.revokeRefreshToken,
    refreshToken: tokens.refreshToken,
    refreshTokens: tokens.refreshTokens,
    /** Configuration and secrets of a connection to it. */
    account: {
      config: { loginUrl: server.origin, authorization: 'clientCredentials', clientId },
      secrets: { clientSecret },
    },
  };
}

const refuse = (...refused: Parameters<typeof refusal>): FakeAnswer => answerError(refusal(...refused));

export const expiredSession = refuse(401, 'INVALID_SESSION_ID', 'Session expired or invalid');

import type { ErrorItem } from './api-error';
import type { Values } from './check-values';
import type { ObjectName } from './objects';

/** How the organisation behaves; each may be changed while it runs. */
export interface Org {
  /** Milliseconds since 1970. Default: the system's. */
  clock: () => number;
  /** Objects that the user does not see, or may only read. Default: none. */
  access: Partial<Record<ObjectName, 'none' | 'read'>>;
  /** Contacts that share an e-mail address: an alert can be passed with `allowSave=true`, a block cannot. Default: no rule. */
  duplicateRule: 'alert' | 'block' | undefined;
  /** A validation rule: what is wrong with a record as it would be saved. */
  validate: (type: ObjectName, record: Values) => ErrorItem | undefined;
  /** No token is taken, not even a fresh one. */
  endless401: boolean;
  /** Every sign-in ends with this OAuth error, such as `inactive_user` or `rate_limit_exceeded`. */
  signInError: string | undefined;
  /** A refresh token is good for one sign-in, which answers with the next. */
  rotatesRefreshTokens: boolean;
  /** What a sign-in says where the data is. Default: the origin of the fake. */
  instanceUrl: string | undefined;
  /** API calls of a day; beyond them everything is refused. Default: 15,000. */
  callsPerDay: number;
  /** Records in one page of a query. Default: 2,000. */
  pageSize: number;
}

export const defaultOrg = (): Org => ({
  clock: Date.now,
  access: {},
  duplicateRule: undefined,
  validate: () => undefined,
  endless401: false,
  signInError: undefined,
  rotatesRefreshTokens: false,
  instanceUrl: undefined,
  callsPerDay: 15_000,
  pageSize: 2000,
});

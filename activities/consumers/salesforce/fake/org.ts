import type { ErrorItem } from './api-error';
import type { Values } from './check-values';
import type { DuplicateRule } from './duplicates';
import { example } from './ids';
import type { ObjectName } from './field';

/** Objects whose records an org can keep from users. */
export const sharedObjects = ['Case', 'Contact', 'Lead'] as const satisfies readonly ObjectName[];
export type SharedObject = (typeof sharedObjects)[number];

/** One of an org; it may be there without being active. */
export interface AssignmentRule {
  readonly name: string;
  readonly on: 'Case' | 'Lead';
  readonly isActive: boolean;
  /** The owner of every record by this rule, a user or a queue. */
  readonly ownerId: string;
}

/** How the organisation behaves; each may be changed while it runs. */
export interface Org {
  /** Milliseconds since 1970. Default: the system's. */
  clock: () => number;
  /** Objects that the user does not see, or may only read. Default: none. */
  access: Partial<Record<ObjectName, 'none' | 'read'>>;
  /** Active rules about duplicates. Default: none, as an administrator can have it; `standardRules` are those of a new org. */
  duplicateRules: readonly DuplicateRule[];
  /** The rules that give new cases and leads an owner. Default: both go to a queue. */
  assignmentRules: readonly AssignmentRule[];
  /** Organization-wide default: with `private` only the owner sees a record. Default: private, all three. */
  sharing: Partial<Record<SharedObject, 'private' | 'public'>>;
  /** Objects of which the user may "View All Records". Default: all three, as the account's page asks for. */
  viewsAll: readonly SharedObject[];
  /** The user may "View Setup and Configuration". Default: false. */
  viewsSetup: boolean;
  /** The user may delete records. Default: false. */
  deletes: boolean;
  /** A validation rule: the problem of a record as it would be saved. */
  validate: (type: ObjectName, record: Values) => ErrorItem | undefined;
  /** No token is taken, not even a fresh one. */
  endless401: boolean;
  /** Every sign-in ends with this OAuth error, such as `inactive_user` or `rate_limit_exceeded`. */
  signInError: string | undefined;
  /** A refresh token is good for one sign-in, which answers with the next. */
  rotatesRefreshTokens: boolean;
  /** A refresh waits for this before it is answered; another one by the same token is refused meanwhile. Default: nothing. */
  beforeRefresh: () => Promise<void>;
  /** The `instance_url` of a sign-in. Default: the origin of the fake. */
  instanceUrl: string | undefined;
  /** API calls of a day; beyond them everything is refused. Default: 15,000. */
  callsPerDay: number;
}

export const defaultOrg = (): Org => ({
  clock: Date.now,
  access: {},
  duplicateRules: [],
  assignmentRules: [
    { name: 'Cases to Support', on: 'Case', isActive: true, ownerId: example.queueId },
    { name: 'Leads to Sales', on: 'Lead', isActive: true, ownerId: example.queueId },
  ],
  sharing: {},
  viewsAll: ['Case', 'Contact', 'Lead'],
  viewsSetup: false,
  deletes: false,
  validate: () => undefined,
  endless401: false,
  signInError: undefined,
  rotatesRefreshTokens: false,
  beforeRefresh: async () => {},
  instanceUrl: undefined,
  callsPerDay: 15_000,
});

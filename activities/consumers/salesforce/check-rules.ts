import type { SalesforceConfig } from './account';
import type { Api } from './api';
import { SalesforceRefusal } from './salesforce-failure';
import { quote } from './soql';

const KINDS = ['Case', 'Contact', 'Lead'] as const;
type Kind = (typeof KINDS)[number];

type Rows = Awaited<ReturnType<Api['query']>>;

/** The rules that an administrator has set up; null for rules that the user may not read. */
export interface Rules {
  /** Names of those that are active, by object. */
  readonly assignment: Rows | null;
  readonly duplicates: Rows | null;
  /** Whether the user sees records of others, as far as that is known. */
  readonly sees: Readonly<Record<Kind, boolean | null>>;
}

/** Of the user that is signed in; null where it was not said. */
export async function userOf(api: Api): Promise<string | null> {
  const { identity } = await api.token();
  return /\/(005\w{12,15})$/.exec(identity ?? '')?.[1] ?? null;
}

const SETUP = 'View Setup and Configuration is needed';

/** Reads only. Objects and fields: Object Reference for the Salesforce Platform. */
export async function readRules(api: Api): Promise<Rules> {
  const ask = (soql: string): Promise<Rows | null> => api.query(soql).catch(unread);
  const kinds = KINDS.map(quote).join(',');
  const [assignment, duplicates, organization, user, viewed] = await Promise.all([
    ask('SELECT SobjectType,Name FROM AssignmentRule WHERE Active=true'),
    ask('SELECT SobjectType,MasterLabel FROM DuplicateRule WHERE IsActive=true'),
    ask(`SELECT ${KINDS.map((kind) => `Default${kind}Access`).join(',')} FROM Organization`),
    ask('SELECT PermissionsViewAllData FROM UserPermissionAccess'),
    readViewed(api, ask, kinds),
  ]);
  const sees = (kind: Kind): boolean | null => {
    const all = user?.[0]?.['PermissionsViewAllData'];
    if (all === true || viewed?.includes(kind)) return true;
    const access = organization?.[0]?.[`Default${kind}Access`];
    // ControlledByParent: as its account is.
    if (typeof access === 'string' && !['None', 'ControlledByParent'].includes(access)) return true;
    // Each of the three can give it: only all of them together say that it is not given.
    return viewed === null || all === undefined || access === undefined ? null : false;
  };
  return {
    assignment,
    duplicates: duplicates?.filter(({ SobjectType: on }) => on === 'Contact' || on === 'Lead') ?? null,
    sees: { Case: sees('Case'), Contact: sees('Contact'), Lead: sees('Lead') },
  };
}

/** Objects of which the user may view all records, by its profile or a permission set. */
async function readViewed(
  api: Api,
  ask: (soql: string) => Promise<Rows | null>,
  kinds: string,
): Promise<readonly unknown[] | null> {
  const user = await userOf(api);
  if (user === null) return null;
  const sets = await ask(
    `SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId=${quote(user)} LIMIT 200`,
  );
  const ids = sets?.flatMap(({ PermissionSetId: id }) => (typeof id === 'string' ? [quote(id)] : [])) ?? [];
  if (ids.length === 0) return null;
  const found = await ask(
    `SELECT SobjectType FROM ObjectPermissions WHERE PermissionsViewAllRecords=true AND SobjectType IN (${kinds}) AND ParentId IN (${ids.join(',')})`,
  );
  return found?.map(({ SobjectType: type }) => type) ?? null;
}

/** Salesforce says of an object or field that the user may not read that there is none. */
function unread(error: unknown): null {
  if (error instanceof SalesforceRefusal && error.type === 'Rejected') return null;
  throw error;
}

/** The rules that matter here, for people. */
export function describeRules(
  { assignment, duplicates, sees }: Rules,
  { assignmentRules, duplicates: setting }: SalesforceConfig,
): string[] {
  const kinds = (wanted: boolean | null): string => KINDS.filter((kind) => sees[kind] === wanted).join(', ');
  const [all, own, unknown] = [kinds(true), kinds(false), kinds(null)];
  return [
    all && `Records of others: the user sees all of ${all}`,
    own &&
      `Records of others: the user does not see those of ${own}: give View All Records, or records that a rule has given away are not recognised, and contacts and leads are not found by their address`,
    unknown &&
      `Records of others: could not be read for ${unknown} (${SETUP}): see that the permission set gives View All Records`,
    assignmentRules
      ? `Assignment rules: ${listed(assignment, 'Name') ?? 'could not be read'}${assignment?.length ? ': they choose the owner, and may send mails' : ''}`
      : 'Assignment rules: switched off for the records of this connection',
    `Duplicate rules: ${listed(duplicates, 'MasterLabel') ?? `could not be read (${SETUP})`}; \`duplicates\` is ${setting}`,
  ].filter((line) => line !== '');
}

function listed(rules: Rows | null, name: string): string | null {
  if (rules === null) return null;
  if (rules.length === 0) return 'none is active';
  return `active for ${rules.map((rule) => `${String(rule['SobjectType'])} (${String(rule[name])})`).join(', ')}`;
}

import type { Values } from './check-values';
import { example, makeId } from './ids';
import { makeSetupObject, type FakeObject } from './objects';
import type { Org } from './org';
import { sharedObjects } from './org';

interface SetupTable {
  readonly object: FakeObject<string>;
  readonly rows: readonly Values[];
}

const PERMISSION_SET = makeId('0PS', 1);

const boolean = { type: 'boolean' } as const;

/** What the fields of each are. Source: Object Reference for the Salesforce Platform, by name. */
const fields = {
  AssignmentRule: { Active: boolean, Name: {}, SobjectType: {} },
  Organization: { DefaultCaseAccess: {}, DefaultContactAccess: {}, DefaultLeadAccess: {} },
  UserPermissionAccess: { PermissionsViewAllData: boolean },
  PermissionSetAssignment: { AssigneeId: { type: 'reference' }, PermissionSetId: { type: 'reference' } },
  ObjectPermissions: {
    ParentId: { type: 'reference' },
    SobjectType: {},
    PermissionsRead: boolean,
    PermissionsViewAllRecords: boolean,
  },
  DuplicateRule: { IsActive: boolean, MasterLabel: {}, SobjectType: {} },
} as const;

/** Those that ask for View Setup and Configuration ("Special Access Rules" there); others see no such object. */
const NEEDS_SETUP = ['ObjectPermissions', 'PermissionSetAssignment', 'DuplicateRule'];

/** What an administrator has set up, as SOQL finds it; undefined for what is no such object, or hidden from the user. */
export function setupTable(name: string, org: Org): SetupTable | undefined {
  const [known] = Object.entries(fields).filter(([one]) => one.toLowerCase() === name.toLowerCase());
  if (known === undefined || (NEEDS_SETUP.includes(known[0]) && !org.viewsSetup)) return undefined;
  const access = (type: (typeof sharedObjects)[number]): string => (org.sharing[type] === 'public' ? 'Edit' : 'None');
  const rows: Readonly<Record<string, readonly Values[]>> = {
    AssignmentRule: org.assignmentRules.map((rule) => ({
      Active: rule.isActive,
      Name: rule.name,
      SobjectType: rule.on,
    })),
    Organization: [
      {
        DefaultCaseAccess: access('Case'),
        DefaultContactAccess: access('Contact'),
        DefaultLeadAccess: access('Lead'),
      },
    ],
    UserPermissionAccess: [{ PermissionsViewAllData: false }],
    PermissionSetAssignment: [{ AssigneeId: example.userId, PermissionSetId: PERMISSION_SET }],
    ObjectPermissions: sharedObjects.map((type) => ({
      ParentId: PERMISSION_SET,
      SobjectType: type,
      PermissionsRead: true,
      PermissionsViewAllRecords: org.viewsAll.includes(type),
    })),
    DuplicateRule: org.duplicateRules.map((rule) => ({
      IsActive: true,
      MasterLabel: rule.label,
      SobjectType: rule.on,
    })),
  };
  return { object: makeSetupObject(known[0], known[1]), rows: rows[known[0]] ?? [] };
}

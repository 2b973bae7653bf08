import type { Values } from './check-values';
import { example, makeId } from './ids';
import { makeSetupObject, type FakeObject } from './objects';
import { sharedObjects, type Org } from './org';

const PERMISSION_SET = makeId('0PS', 1);

/** Everything that an administrator has set up, as SOQL finds it, with the fields of each. Source: Object Reference, by name. */
export function setupTables(org: Org): readonly (FakeObject<string> & { readonly rows: readonly Values[] })[] {
  const access = (type: (typeof sharedObjects)[number]): string => (org.sharing[type] === 'public' ? 'Edit' : 'None');
  const open = [
    makeTable(
      'AssignmentRule Active,Name,SobjectType',
      org.assignmentRules.map(({ isActive, name, on }) => [isActive, name, on]),
    ),
    makeTable('Organization DefaultCaseAccess,DefaultContactAccess,DefaultLeadAccess', [sharedObjects.map(access)]),
    makeTable('UserPermissionAccess PermissionsViewAllData', [[false]]),
  ];
  // Those that ask for View Setup and Configuration ("Special Access Rules" there); others see no such object.
  return org.viewsSetup ? [...open, ...hidden(org)] : open;
}

const hidden = ({ viewsAll, duplicateRules }: Org) => [
  makeTable('PermissionSetAssignment AssigneeId,PermissionSetId', [[example.userId, PERMISSION_SET]]),
  makeTable(
    'ObjectPermissions ParentId,SobjectType,PermissionsRead,PermissionsViewAllRecords',
    sharedObjects.map((type) => [PERMISSION_SET, type, true, viewsAll.includes(type)]),
  ),
  makeTable(
    'DuplicateRule IsActive,MasterLabel,SobjectType',
    duplicateRules.map(({ label, on }) => [true, label, on]),
  ),
];

function makeTable(head: string, rows: readonly (readonly (string | boolean)[])[]) {
  const [name = '', names = ''] = head.split(' ');
  const columns = names.split(',');
  const typeOf = (column: string) =>
    column.endsWith('Id') ? 'reference' : /^(Is|Permissions)|^Active$/.test(column) ? 'boolean' : 'string';
  const object = makeSetupObject(name, Object.fromEntries(columns.map((column) => [column, { type: typeOf(column) }])));
  return {
    ...object,
    rows: rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null]))),
  };
}

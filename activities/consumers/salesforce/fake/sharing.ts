import type { Stored } from './check-values';
import { example } from './ids';
import type { ObjectName } from './field';
import { sharedObjects, type Org, type SharedObject } from './org';

export const isShared = (type: ObjectName): type is SharedObject => sharedObjects.some((one) => one === type);

/**
 * Whether the user of the API sees a record; View All Records is taken to show private contacts, too. A contact without an account is private in every org. Source: Salesforce Help
 * "Contact Sharing Considerations", "Organization-Wide Sharing Defaults".
 */
export function isVisible({ type, values }: Stored, { sharing, viewsAll }: Org): boolean {
  if (!isShared(type) || viewsAll.includes(type) || values['OwnerId'] === example.userId) return true;
  if (type === 'Contact' && values['AccountId'] === undefined) return false;
  return sharing[type] === 'public';
}

/**
 * The owner of a new record: a rule is taken to come before an owner that was given. Source: REST guide "Assignment Rule Header": the header's
 * default is TRUE, for Case and Lead.
 */
export function ownerByRule(
  type: ObjectName,
  header: string | undefined,
  { assignmentRules }: Org,
): string | undefined {
  if (header?.toUpperCase() === 'FALSE') return undefined;
  return assignmentRules.find((rule) => rule.on === type && rule.isActive)?.ownerId;
}

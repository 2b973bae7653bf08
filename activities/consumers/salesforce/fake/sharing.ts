import { example } from './ids';
import type { ObjectName } from './objects';
import type { Org } from './org';
import type { Stored } from './store';

/** Objects whose records an org can keep from users. */
export const sharedObjects = ['Case', 'Contact', 'Lead'] as const satisfies readonly ObjectName[];
export type SharedObject = (typeof sharedObjects)[number];

export const isShared = (type: ObjectName): type is SharedObject => sharedObjects.some((one) => one === type);

/**
 * Whether the user of the API sees a record; View All Records is taken to show private contacts, too. A contact without an account is private whatever the org says. Source: Salesforce Help
 * "Contact Sharing Considerations", "Organization-Wide Sharing Defaults".
 */
export function isVisible({ type, values }: Stored, { sharing, viewsAll }: Org): boolean {
  if (!isShared(type) || viewsAll.includes(type) || values['OwnerId'] === example.userId) return true;
  if (type === 'Contact' && values['AccountId'] === undefined) return false;
  return sharing[type] === 'public';
}

/** One of an org; it may be there without being active. */
export interface AssignmentRule {
  readonly name: string;
  readonly on: 'Case' | 'Lead';
  readonly isActive: boolean;
  /** Whom it gives every record, a user or a queue. */
  readonly ownerId: string;
}

/**
 * Who owns a new record: a rule is taken to come before an owner that was given. Source: REST guide "Assignment Rule Header": the header's
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

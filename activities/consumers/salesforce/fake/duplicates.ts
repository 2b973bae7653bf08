import { ApiError, type ErrorItem } from './api-error';
import type { Stored, Values } from './check-values';

/** Compares a new contact or lead with those that are there. */
export interface DuplicateRule {
  readonly label: string;
  readonly on: 'Contact' | 'Lead';
  /** "Allow" with an alert can be passed by `allowSave=true`, "Block" cannot. */
  readonly action: 'alert' | 'block';
  readonly engine: 'ExactMatchEngine' | 'FuzzyMatchEngine';
  readonly against: readonly ('Contact' | 'Lead')[];
  readonly isMatch: (given: Values, other: Values) => boolean;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase().trim() : '');
const isSame = (a: string, b: string): boolean => a !== '' && a === b;
const sameEmail = (a: Values, b: Values): boolean => isSame(textOf(a['Email']), textOf(b['Email']));
const digitsOf = (values: Values): string => textOf(values['Phone']).replace(/\D/g, '');

/** Ann and Anne, in any order and field. */
function isSameName(a: Values, b: Values): boolean {
  const wordsOf = ({ FirstName, LastName }: Values): string[] =>
    `${textOf(FirstName)} ${textOf(LastName)}`.split(/\s+/).filter(Boolean);
  const [mine, theirs] = [wordsOf(a), wordsOf(b)];
  const isLike = (x: string, y: string): boolean => x.startsWith(y) || y.startsWith(x);
  return mine.length === theirs.length && mine.every((word) => theirs.some((other) => isLike(word, other)));
}

const standard = {
  action: 'alert',
  engine: 'FuzzyMatchEngine',
  against: ['Contact', 'Lead'],
  // Two of the ways in which the standard matching rules compare.
  isMatch: (given, other) =>
    isSameName(given, other) && (sameEmail(given, other) || isSame(digitsOf(given), digitsOf(other))),
} as const satisfies Partial<DuplicateRule>;

/**
 * The rules that are active in orgs since 2017: on create Allow with an alert, on edit a report at most. Source: Salesforce Help "Standard
 * Contact Duplicate Rule", "Standard Lead Duplicate Rule".
 */
export const standardRules: readonly DuplicateRule[] = [
  { ...standard, label: 'Standard Contact Duplicate Rule', on: 'Contact' },
  { ...standard, label: 'Standard Lead Duplicate Rule', on: 'Lead' },
];

/** A rule that an administrator has made: the address alone, without a way around. */
export const blockByEmail: DuplicateRule = {
  label: 'No Address Twice',
  on: 'Contact',
  action: 'block',
  engine: 'ExactMatchEngine',
  against: ['Contact'],
  isMatch: sameEmail,
};

export interface DuplicateOptions {
  readonly allowSave: boolean;
  readonly includeRecordDetails: boolean;
}

const MATCHING = { Contact: 'Standard_Contact_Match_Rule_v1_1', Lead: 'Standard_Lead_Match_Rule_v1_0' };

/**
 * Throws DUPLICATES_DETECTED for each rule that has found something. Shape of the answer: a recording in
 * gitlab.com/gitlab-org/customers-gitlab-com#7138; with details each record has all its fields (REST guide, "Duplicate Rule Header").
 */
export function checkDuplicates(
  rules: readonly DuplicateRule[],
  type: string,
  values: Values,
  known: (type: 'Contact' | 'Lead') => readonly Stored[],
  { allowSave, includeRecordDetails }: DuplicateOptions,
): void {
  const items = rules.flatMap((rule): ErrorItem[] => {
    const mayPass = rule.action === 'alert';
    if (rule.on !== type || (mayPass && allowSave)) return [];
    const found = rule.against.map((entityType) => ({
      entityType,
      matches: known(entityType).filter((other) => rule.isMatch(values, other.values)),
    }));
    const matchResults = found
      .filter(({ matches }) => matches.length > 0)
      .map(({ entityType, matches }) => ({
        entityType,
        errors: [],
        matchEngine: rule.engine,
        matchRecords: matches.map((match) => ({
          additionalInformation: [],
          fieldDiffs: [],
          matchConfidence: 100,
          record: {
            attributes: { type: entityType, url: `/services/data/v62.0/sobjects/${entityType}/${match.id}` },
            ...(includeRecordDetails && match.values),
            Id: match.id,
          },
        })),
        rule: MATCHING[entityType],
        size: matches.length,
        success: true,
      }));
    if (matchResults.length === 0) return [];
    const message = 'Use one of these records?';
    const duplicateResut = {
      allowSave: mayPass,
      duplicateRule: rule.label.replaceAll(' ', '_'),
      duplicateRuleEntityType: type,
      errorMessage: message,
      matchResults,
    };
    return [{ duplicateResut, errorCode: 'DUPLICATES_DETECTED', message }];
  });
  if (items.length > 0) throw new ApiError(400, items);
}

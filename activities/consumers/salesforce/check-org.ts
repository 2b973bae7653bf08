import type { SalesforceConfig } from './account';
import type { Api } from './api';
import { describeRules, readRules, userOf } from './check-rules';
import { recognitionOf, type ObjectDescription } from './describe';
import { modes } from './modes';
import { SalesforceRefusal } from './salesforce-failure';
import { describeClock } from './sign-in';

const OBJECTS = ['Case', 'Task', 'Contact', 'Lead', 'ContentVersion'] as const;

/** The fields that our code fills in where the event says nothing, by object. */
const FILLED: Readonly<Record<string, readonly string[]>> = {
  Case: ['Subject', 'Description', 'SuppliedName', 'SuppliedEmail', 'SuppliedPhone', 'SuppliedCompany'],
  Task: ['Subject', 'Description'],
  Contact: ['LastName', 'Email', 'Phone'],
  Lead: ['LastName', 'Email', 'Phone', 'Company'],
};

/** The fields that link a record with a contact or lead. */
const LINKS: Readonly<Record<string, string>> = { Case: 'ContactId', Task: 'WhoId' };

/** Signs in, and lists the rights of the account. Reads only. @throws DeliveryFailure when the sign-in is refused */
export async function checkOrg(api: Api, config: SalesforceConfig): Promise<string> {
  const [rules, ...descriptions] = await Promise.all([
    readRules(api),
    ...OBJECTS.map((name) => api.describe(name).catch(hidden)),
  ]);
  const { instanceUrl, clockOffsetMs } = await api.token();
  const user = await userOf(api);
  const usage = api.usage();
  const lines = [
    `${new URL(instanceUrl).host} accepts the account${user === null ? '' : `, user ${user}`}`,
    ...OBJECTS.map((name, i) => `${name}: ${describeObject(descriptions[i] ?? null, config)}`),
    ...describeRules(rules, config),
    clockOffsetMs !== 0 && `${describeClock(clockOffsetMs)}: set it`,
    usage && `API calls of the last 24 hours: ${usage.used} of ${usage.limit}`,
  ];
  return lines.filter(Boolean).join('\n');
}

/** Null for an object that the user does not see. */
function hidden(error: unknown): null {
  if (error instanceof SalesforceRefusal && error.type === 'Rejected') return null;
  throw error;
}

const recognitions = {
  unique: 'repeats are recognised for sure',
  field: 'repeats are recognised by a look-up only: make the field unique',
  subject:
    'repeats are recognised by their subject only: add the field as a unique external id, or allow the user to write it',
};

function describeObject(object: ObjectDescription | null, config: SalesforceConfig): string {
  if (object === null) return 'the user does not see it';
  const { name, isCreateable, isUpdateable, isQueryable } = object;
  if (!isCreateable) return 'the user may not create any';
  if (name === 'ContentVersion') return 'files and whole texts can be attached';
  const { created, updated } = mappedFields(name, config);
  const filled = FILLED[name] ?? [];
  const required = [...object.fields.values()]
    .filter(
      ({ createable, nillable, defaultedOnCreate, type }) =>
        createable && !nillable && !defaultedOnCreate && type !== 'boolean',
    )
    .map((field) => field.name)
    .filter((one) => ![...filled, ...created].some((given) => given.toLowerCase() === one.toLowerCase()));
  const link = LINKS[name];
  const closed = [
    ...unwritable(object, 'createable', [...created, ...(link === undefined ? [] : [link])]),
    ...unwritable(object, 'updateable', updated),
  ];
  const leftOut = unwritable(object, 'createable', filled);
  return [
    `${recognitions[recognitionOf(object, config.keyField)]} (${config.keyField})`,
    !isQueryable && 'the user may not look for them: allow it',
    name === 'Contact' && !isUpdateable && 'the user may not edit any, as modes 7 to 10 do',
    required.length > 0 && `every one needs ${required.join(', ')}: map them`,
    closed.length > 0 && `the user cannot write ${[...new Set(closed)].join(', ')}: allow it, or correct the mapping`,
    leftOut.length > 0 && `stays empty, as the user cannot write it: ${leftOut.join(', ')}`,
    name === 'Contact' && isPrivate(config) && PRIVATE,
  ]
    .filter(Boolean)
    .join('; ');
}

/** Fields that the connection maps for offline messages; those of a chat are known when it comes. */
function mappedFields(name: string, { offlineMessage }: SalesforceConfig) {
  const { caseFields, taskFields, leadFields, createContactFields, updateContactFields } = offlineMessage;
  const { how, target } = modes[offlineMessage.mode];
  const lists = { Case: caseFields, Task: taskFields, Lead: leadFields, Contact: createContactFields };
  const isUpdated = name === target && (how === 'updateNull' || how === 'updateAll');
  const names = (list: object | undefined): string[] =>
    Object.keys(list ?? {}).filter((one) => one.toLowerCase() !== 'id');
  return {
    created: names(lists[name as keyof typeof lists]), // of another object there is none
    updated: isUpdated ? names(updateContactFields) : [],
  };
}

const unwritable = (
  { fields }: ObjectDescription,
  access: 'createable' | 'updateable',
  names: readonly string[],
): string[] => names.filter((name) => !fields.get(name.toLowerCase())?.[access]);

/** Independent of the org's sharing settings. Source: Salesforce Help "Contact Sharing Considerations". */
const PRIVATE =
  'a contact that `offlineMessage` creates has no account, and is private: only its owner and administrators see it; map AccountId';

function isPrivate({ offlineMessage: { mode, createContactFields } }: SalesforceConfig): boolean {
  const { how, target } = modes[mode];
  const isMapped = Object.keys(createContactFields).some((name) => name.toLowerCase() === 'accountid');
  return how === 'create' && target === 'Contact' && !isMapped;
}

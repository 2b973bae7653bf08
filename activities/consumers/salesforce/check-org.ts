import type { SalesforceConfig } from './account';
import type { Api } from './api';
import { recognitionOf, type ObjectDescription } from './describe';
import { SalesforceRefusal } from './salesforce-failure';
import { describeClock } from './sign-in';

const OBJECTS = ['Case', 'Task', 'Contact', 'Lead', 'ContentVersion'] as const;

/** What is filled in where the event says nothing. */
const FILLED = ['Subject', 'Description', 'LastName', 'Company'];

/** Signs in, and says what the account lets us do. @throws DeliveryFailure when it lets nobody in */
export async function checkOrg(api: Api, { keyField }: SalesforceConfig): Promise<string> {
  const descriptions = await Promise.all(OBJECTS.map((name) => api.describe(name).catch(hidden)));
  const { identity, instanceUrl, clockOffsetMs } = await api.token();
  const usage = api.usage();
  const user = identity?.split('/').at(-1);
  const lines = [
    `${new URL(instanceUrl).host} accepts the account${user === undefined ? '' : `, user ${user}`}`,
    ...OBJECTS.map((name, i) => `${name}: ${describeObject(descriptions[i] ?? null, keyField)}`),
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

function describeObject(object: ObjectDescription | null, keyField: string): string {
  if (object === null) return 'the user does not see it';
  if (!object.isCreateable) return 'the user may not create any';
  if (object.name === 'ContentVersion') return 'files and whole texts can be attached';
  const required = [...object.fields.values()]
    .filter(
      ({ createable, nillable, defaultedOnCreate, type }) =>
        createable && !nillable && !defaultedOnCreate && type !== 'boolean',
    )
    .map(({ name }) => name)
    .filter((name) => !FILLED.includes(name));
  const needs = required.length > 0 ? `; every one needs ${required.join(', ')}: map them` : '';
  return `${recognitions[recognitionOf(object, keyField)]} (${keyField})${needs}`;
}

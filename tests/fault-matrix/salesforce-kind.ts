import { isRecordCreation, startSalesforce } from '../../activities/consumers/salesforce/fake';
import type { ObjectName } from '../../activities/consumers/salesforce/fake/field';
import { createSalesforce } from '../../activities/consumers/salesforce/salesforce';
import { byRefreshToken } from './refresh-token-rows';
import type { MatrixKind } from './run-row';

export type Salesforce = Awaited<ReturnType<typeof startSalesforce>>;

/** Signed in to by a refresh token, which each use replaces. */
export const startRefreshed = async (clock: () => number): Promise<Salesforce> => {
  const fake = await startSalesforce({ org: { clock, rotatesRefreshTokens: true } });
  const config = { ...fake.account.config, authorization: 'refreshToken' };
  return byRefreshToken(fake, { config, secrets: fake.account.secrets });
};

const kinds = ['Case', 'Task', 'Contact', 'Lead', 'ContentVersion'] as const satisfies readonly ObjectName[];

export const salesforceKind: MatrixKind<Salesforce> = {
  consumer: 'salesforce',
  create: () => createSalesforce({ allowedAddresses: ['127.0.0.1'] }),
  start: (clock) => startSalesforce({ org: { clock } }),
  records: (fake) => Object.fromEntries(kinds.map((kind) => [kind, fake.records(kind).length])),
  isCreation: isRecordCreation,
  nameOf: ({ method, path }) =>
    `${method} ${path.replace(/^\/services\/(data\/v[\d.]+|oauth2)\//, '').replace(/^sobjects\//, '')}`,
};

const subject = [{ Name: 'Subject', value: 'Chat with Ann Example' }];

/** What chats ask for. */
export const orders = {
  createCase: { PurposeChatEnd: 0, Cases: subject },
  attachCase: { PurposeChatEnd: 1, Cases: subject },
  attachTask: { PurposeChatEnd: 2, Tasks: subject },
  createContactAndCase: { PurposeChatEnd: 4, Cases: subject, CreateContact: [] },
  createLeadAndTask: { PurposeChatEnd: 6, Tasks: subject, Leads: [] },
  updateAll: { PurposeChatEnd: 8, Cases: subject, UpdateContact: [{ Name: 'Phone', value: '+1 555 0199' }] },
};

/** The visitor of the example, as a contact that an agent has made. */
export const addAnn = (fake: Salesforce): void =>
  void fake.add('Contact', { LastName: 'Example', Email: 'ann@example.com', Phone: '+1 555 0100' });

export const none = { Case: 0, Task: 0, Contact: 0, Lead: 0, ContentVersion: 0 };

/** A fault for `count` requests: answered once so many have been sent. */
export function holdAll(fake: Salesforce, count: number): 'hold' {
  if (fake.hanging() === count - 1) setImmediate(() => fake.release());
  return 'hold';
}

import { z } from 'zod';
import type { Account } from '../../consumer';
import { fieldMapping } from '../../event-field';
import { modeNames } from './modes';

const mapping = fieldMapping.default({});

/**
 * The addresses that all orgs share answer this flow "request not supported on this domain". Source: Salesforce Help "OAuth 2.0
 * Client Credentials Flow for Server-to-Server Integration"; pozil/pub-sub-api-node-client#58.
 */
const isShared = (loginUrl: string): boolean => /^(login|test)\.salesforce\.com$/.test(new URL(loginUrl).hostname);

export const configSchema = z
  .strictObject({
    loginUrl: z
      .url({ protocol: /^https?$/, error: 'expected an https address' })
      .refine((text) => URL.canParse(text) && new URL(text).origin === text.replace(/\/$/, ''), {
        error: 'expected an address without a path, such as https://example.my.salesforce.com',
      })
      .default('https://login.salesforce.com')
      .describe(
        "The org's My Domain; for `jwtBearer` and `refreshToken` also login.salesforce.com or test.salesforce.com",
      ),
    authorization: z
      .enum(['jwtBearer', 'clientCredentials', 'refreshToken'])
      .describe('OAuth flow: `jwtBearer` needs `username` and the secret `privateKey`, the others `clientSecret`'),
    clientId: z.string().min(1).max(500).describe('Consumer key of the External Client App'),
    username: z.string().min(1).max(200).optional().describe('Salesforce user that `jwtBearer` signs in as'),
    audience: z
      .url({ protocol: /^https?$/, error: 'expected an https address' })
      .max(500)
      .optional()
      .describe(
        'Audience (`aud`) of the assertion for `jwtBearer`, such as the address of a site. Default: `https://test.salesforce.com` for sandboxes and scratch orgs, else `https://login.salesforce.com`',
      ),
    apiVersion: z
      .string()
      .regex(/^\d{2,3}\.0$/, 'expected a version such as 62.0')
      .default('62.0')
      .describe('Version of the REST API'),
    keyField: z
      .string()
      .regex(/^[A-Za-z]\w{0,60}__c$/, 'expected the API name of a custom field, such as ChatPipelineKey__c')
      .default('ChatPipelineKey__c')
      .describe("Unique external-id field that holds the delivery's id; without it repeats are recognised less surely"),
    assignmentRules: z
      .boolean()
      .default(true)
      .describe(
        "Whether the org's active assignment rules choose the owner of new cases and leads (`Sforce-Auto-Assign`). `true` is Salesforce's own default; with `false` the user of the connection owns them, or the mapped `OwnerId`",
      ),
    duplicates: z
      .enum(['attachOrSave', 'save', 'attachOrPark'])
      .default('attachOrSave')
      .describe(
        'Where a duplicate rule objects to a contact or lead. `attachOrSave`: the record goes to the one match of its kind that has the same e-mail address; where that is none or several, the contact or lead is saved, if the rule only warns. `save`: saved wherever the rule only warns. `attachOrPark`: never saved against a rule',
      ),
    offlineMessage: z
      .strictObject({
        mode: z.enum(modeNames).default('createCase').describe('The records that an offline message becomes'),
        caseFields: mapping.describe('Fields of the case'),
        taskFields: mapping.describe('Fields of the task'),
        leadFields: mapping.describe('Fields of a lead to create'),
        createContactFields: mapping.describe('Fields of a contact to create'),
        updateContactFields: mapping.describe('Fields of a contact to update'),
      })
      .prefault({})
      .describe('The records that are written for `OfflineMessage.Submit`; `Chat.Ended` names them itself'),
  })
  .refine(({ authorization, username }) => authorization !== 'jwtBearer' || username !== undefined, {
    path: ['username'],
    error: 'jwtBearer needs it',
  })
  .refine(({ authorization, loginUrl }) => authorization !== 'clientCredentials' || !isShared(loginUrl), {
    path: ['loginUrl'],
    error: "clientCredentials needs the org's My Domain, such as https://example.my.salesforce.com",
  });

export const secretsSchema = z.strictObject({
  clientSecret: z.string().min(1).optional().describe('Consumer secret; not for `jwtBearer`'),
  privateKey: z
    .string()
    .includes('PRIVATE KEY', { error: 'expected a private key as PEM' })
    .optional()
    .describe('Signs in by `jwtBearer`: PEM of the key whose certificate the app has'),
  refreshToken: z
    .string()
    .min(1)
    .optional()
    .describe('Signs in by `refreshToken`; where Salesforce replaces it, the new one is kept here'),
});

export type SalesforceConfig = z.output<typeof configSchema>;
export type SalesforceSecrets = z.output<typeof secretsSchema>;
export type SalesforceAccount = Account<SalesforceConfig, SalesforceSecrets>;

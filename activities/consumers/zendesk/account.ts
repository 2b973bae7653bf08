import { z } from 'zod';
import type { Account } from '../../consumer';
import { fieldSource } from '../../event-field';
import { DeliveryFailure } from '../../failures';
import { address } from '../email/address';

const recordId = z.int().min(1);
/** Zendesk's ids of fields are numbers that fit into 15 digits. */
const fieldId = z.string().regex(/^[1-9]\d{0,14}$/, { error: "expected a ticket field's id, such as 360012345678" });
const tag = z
  .string()
  .regex(/^[a-z0-9_/:.-]{1,100}$/, { error: 'expected lower case without spaces, such as live_chat' });

export const configSchema = z
  .strictObject({
    subdomain: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, { error: 'expected what stands before .zendesk.com' })
      .optional()
      .describe('The account: what stands before `.zendesk.com`'),
    endpoint: z
      .url({ protocol: /^https?$/, error: 'expected an https address' })
      .refine((text) => URL.canParse(text) && new URL(text).origin === text.replace(/\/$/, ''), {
        error: 'expected an address without a path, such as https://zendesk-proxy.example.com',
      })
      .optional()
      .describe('Instead of `subdomain`: a proxy that answers as the account'),
    email: address.optional().describe('User that signs in, with the secret `apiToken`'),
    fallbackRequesterId: recordId
      .optional()
      .describe('Zendesk user that tickets are for when the visitor gave no valid address'),
    tags: z.array(tag).max(50).default(['live_chat']).describe('Tags of every ticket, in lower case, without spaces'),
    customFields: z
      .record(fieldId, fieldSource)
      .default({})
      .describe(
        "By a ticket field's id: `{ from: field }` of the event, such as `contact.company`, or `{ value: text }`",
      ),
    groupId: recordId.optional().describe('Group that tickets are assigned to'),
    brandId: recordId.optional().describe('Brand of the tickets'),
    ticketFormId: recordId.optional().describe('Form of the tickets'),
    priority: z.enum(['low', 'normal', 'high', 'urgent']).optional().describe('Priority of the tickets'),
    commentPublic: z
      .strictObject({
        'Chat.Ended': z.boolean().default(false).describe('Whether the visitor may see the transcript'),
        'OfflineMessage.Submit': z.boolean().default(true).describe('Whether the visitor may see their message'),
      })
      .prefault({})
      .describe('`true` is a public reply, which triggers may mail to the visitor; `false` an internal note'),
  })
  .refine(({ subdomain, endpoint }) => (subdomain === undefined) !== (endpoint === undefined), {
    path: ['subdomain'],
    error: 'expected either it or endpoint',
  });

const token = z.string().regex(/^[\x21-\x7e]{1,1000}$/, { error: 'expected a token without spaces' });

export const secretsSchema = z
  .strictObject({
    apiToken: token.optional().describe('API token, used with `email`'),
    oauthToken: token.optional().describe('OAuth access token, instead of `apiToken`; then `email` is left out'),
  })
  .refine(({ apiToken, oauthToken }) => (apiToken === undefined) !== (oauthToken === undefined), {
    path: ['apiToken'],
    error: 'expected either it or oauthToken',
  });

export type ZendeskConfig = z.output<typeof configSchema>;
export type ZendeskSecrets = z.output<typeof secretsSchema>;
export type ZendeskAccount = Account<ZendeskConfig, ZendeskSecrets>;

export const originOf = ({ subdomain, endpoint }: ZendeskConfig): string =>
  endpoint === undefined ? `https://${subdomain}.zendesk.com` : new URL(endpoint).origin;

/**
 * As node-zendesk takes them.
 *
 * @throws DeliveryFailure InvalidConfig when user and token do not belong together
 */
export function credentialsOf({ config: { email }, secrets: { apiToken, oauthToken } }: ZendeskAccount) {
  if (apiToken !== undefined && email !== undefined) return { username: email, token: apiToken };
  if (oauthToken !== undefined && email === undefined) return { oauth: true, token: oauthToken };
  const message = 'Give the email in the configuration with the secret apiToken, or oauthToken without email.';
  throw new DeliveryFailure('InvalidConfig', message);
}

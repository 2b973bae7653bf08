import { z } from 'zod';
import type { Account } from '../../consumer';
import { fieldSource } from '../../event-field';
import { DeliveryFailure } from '../../failures';
import { address } from '../../address';

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
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
        error: 'expected the part of the address before .zendesk.com',
      })
      .optional()
      .describe('The account: the part of its address before `.zendesk.com`'),
    endpoint: z
      .url({ protocol: /^https?$/, error: 'expected an https address' })
      .refine((text) => URL.canParse(text) && new URL(text).origin === text.replace(/\/$/, ''), {
        error: 'expected an address without a path, such as https://zendesk-proxy.example.com',
      })
      .optional()
      .describe('Instead of `subdomain`: a proxy that answers as the account'),
    clientId: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/, { error: 'expected an identifier without spaces' })
      .optional()
      .describe('Unique identifier of the OAuth client that signs in, with the secret `clientSecret`'),
    email: address.optional().describe('User that signs in by the secret `apiToken`, until 30 April 2027'),
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
        'OfflineMessage.Submit': z.boolean().default(false).describe('Whether the visitor may see their message'),
      })
      .prefault({})
      .describe(
        "`false` is an internal note. `true` is a public comment: Zendesk's triggers mail it to the entered address, and a visitor can enter any address",
      ),
  })
  .refine(({ subdomain, endpoint }) => (subdomain === undefined) !== (endpoint === undefined), {
    path: ['subdomain'],
    error: 'expected either it or endpoint',
  });

const token = z.string().regex(/^[\x21-\x7e]{1,2000}$/, { error: 'expected a token without spaces' });

export const secretsSchema = z
  .strictObject({
    clientSecret: token.optional().describe('Secret of the OAuth client, used with `clientId`'),
    refreshToken: token
      .optional()
      .describe(
        'With `clientSecret`, signs in as the user who has allowed it; Zendesk replaces it at each use, and the new one is kept here',
      ),
    apiToken: token.optional().describe('API token, used with `email`; Zendesk takes none after 30 April 2027'),
    oauthToken: token.optional().describe('OAuth access token, alone; it ends by itself'),
  })
  .refine((secrets) => [secrets.clientSecret, secrets.apiToken, secrets.oauthToken].filter(Boolean).length === 1, {
    path: ['clientSecret'],
    error: 'expected either it, apiToken or oauthToken',
  })
  .refine(({ clientSecret, refreshToken }) => refreshToken === undefined || clientSecret !== undefined, {
    path: ['refreshToken'],
    error: 'expected it with clientSecret only',
  });

export type ZendeskConfig = z.output<typeof configSchema>;
export type ZendeskSecrets = z.output<typeof secretsSchema>;
export type ZendeskAccount = Account<ZendeskConfig, ZendeskSecrets>;

export const originOf = ({ subdomain, endpoint }: ZendeskConfig): string =>
  endpoint === undefined ? `https://${subdomain}.zendesk.com` : new URL(endpoint).origin;

type Credentials =
  | { readonly kind: 'token'; readonly authorization: string }
  /** Each worker signs in on its own. */
  | { readonly kind: 'client' }
  /** All workers share one sign-in. */
  | { readonly kind: 'refresh' };

/** @throws DeliveryFailure InvalidConfig when configuration and secrets do not belong together */
export function credentialsOf({ config: { email, clientId }, secrets }: ZendeskAccount): Credentials {
  const { clientSecret, refreshToken, apiToken, oauthToken } = secrets;
  if (clientSecret !== undefined && clientId !== undefined && email === undefined) {
    return { kind: refreshToken === undefined ? 'client' : 'refresh' };
  }
  if (apiToken !== undefined && email !== undefined && clientId === undefined) {
    const basic = Buffer.from(`${email}/token:${apiToken}`).toString('base64');
    return { kind: 'token', authorization: `Basic ${basic}` };
  }
  if (oauthToken !== undefined && email === undefined && clientId === undefined) {
    return { kind: 'token', authorization: `Bearer ${oauthToken}` };
  }
  const message =
    'Give the clientId in the configuration with the secret clientSecret (and refreshToken, if you have one), or the email with apiToken, or oauthToken without either.';
  throw new DeliveryFailure('InvalidConfig', message);
}

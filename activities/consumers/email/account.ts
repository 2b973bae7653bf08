import { z } from 'zod';
import { longToken } from '../../http/ask-for-token';
import type { Account } from '../../consumer';
import { address, asciiAddress } from '../../address';

const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/;
const recipients = z.array(address).max(20);

export const configSchema = z
  .strictObject({
    host: z
      .string()
      .max(253)
      .regex(HOST, { error: 'expected a host name or an IP address' })
      .describe('The SMTP server'),
    port: z.int().min(1).max(65_535).optional().describe('Its port; 465 with `tls`, otherwise 587, unless given'),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe(
        '`starttls`: TLS is demanded after connecting; `tls`: from the first byte; `none`: plain text, no sign-in',
      ),
    authorization: z
      .enum(['password', 'clientCredentials', 'jwtBearer', 'refreshToken'])
      .default('password')
      .describe(
        'How `username` signs in: `password`, or by OAuth (XOAUTH2): `clientCredentials` (Microsoft 365), `jwtBearer` (service account of Google), `refreshToken` (OAuth client of Google or Microsoft)',
      ),
    username: z
      .string()
      .regex(/^[^\p{Cc}]{1,255}$/u, { error: 'expected 1 to 255 characters, none of control' })
      .optional()
      .describe('User that signs in; by OAuth the address of the mailbox'),
    clientId: z
      .string()
      .regex(/^[\x21-\x7e]{1,300}$/, { error: 'expected an id without spaces' })
      .optional()
      .describe('By OAuth: id of the application or client; for `jwtBearer` the address of the service account'),
    tenant: z
      .string()
      .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/, { error: 'expected a tenant id or domain' })
      .optional()
      .describe('For `clientCredentials`: Directory (tenant) ID'),
    tokenUrl: z
      .url({ protocol: /^https?$/, error: 'expected an https address' })
      .max(500)
      .refine((text) => URL.canParse(text) && new URL(text).username + new URL(text).password === '', {
        error: 'expected no user name and no password in the address',
      })
      .optional()
      .describe(
        'Where OAuth tokens come from. Default: `https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token` for `clientCredentials`, else `https://oauth2.googleapis.com/token`',
      ),
    scope: z
      .string()
      .regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, { error: 'expected scopes with a space between them' })
      .max(1000)
      .optional()
      .describe(
        'Scope that is asked for. Default: `https://outlook.office365.com/.default` for `clientCredentials`, `https://mail.google.com/` for `jwtBearer`, else that of the refresh token',
      ),
    from: z
      .strictObject({
        name: z.string().max(100).optional().describe('Name of the sender, such as the name of the site'),
        address: asciiAddress.describe('Address of the sender; its domain is also that of the Message-ID'),
      })
      .describe('Sender of every mail'),
    recipients: z
      .strictObject({
        'Chat.Ended': recipients.optional().describe('Who gets transcripts; at most 20'),
        'OfflineMessage.Submit': recipients.optional().describe('Who gets offline messages; at most 20'),
      })
      .default({})
      .describe('Addresses by type of event'),
    recipientsByDepartment: z
      .record(z.string().min(1).max(255), recipients)
      .optional()
      .describe("By a department's id: the recipients of this department's mails, instead of `recipients`"),
    transcriptToVisitor: z
      .boolean()
      .default(false)
      .describe('Also send the transcript to the address that the visitor gave'),
  })
  .superRefine((config, context) => {
    const { authorization } = config;
    const needed = authorization === 'password' ? [] : (['username', 'clientId'] as const);
    const wrong = authorization === 'password' ? (['clientId', 'tenant', 'tokenUrl', 'scope'] as const) : [];
    const say = (name: keyof typeof config, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    for (const name of needed) if (config[name] === undefined) say(name, `${authorization} needs it`);
    for (const name of wrong) if (config[name] !== undefined) say(name, 'needs authorization by OAuth');
    if (authorization === 'clientCredentials' && config.tenant === undefined && config.tokenUrl === undefined)
      say('tenant', 'clientCredentials needs it');
  });

const oneLine = z.string().regex(/^[\x21-\x7e]{1,2000}$/, { error: 'expected it without spaces' });

export const secretsSchema = z.strictObject({
  password: z.string().min(1).max(1024).optional().describe('Password of `username`'),
  clientSecret: oneLine.optional().describe('For `clientCredentials` and `refreshToken`: secret of `clientId`'),
  privateKey: z
    .string()
    .includes('PRIVATE KEY', { error: 'expected a private key as PEM' })
    .max(20_000)
    .optional()
    .describe('For `jwtBearer`: `private_key` of the JSON file of the service account'),
  refreshToken: longToken
    .optional()
    .describe(
      'For `refreshToken`: the token that the owner of the mailbox has given; where the token server replaces it, the new one is kept here',
    ),
});

export type EmailConfig = z.output<typeof configSchema>;
export type EmailSecrets = z.output<typeof secretsSchema>;
export type EmailAccount = Account<EmailConfig, EmailSecrets>;

export const portOf = ({ port, security }: EmailConfig): number => port ?? (security === 'tls' ? 465 : 587);

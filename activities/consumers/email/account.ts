import { z } from 'zod';
import { DeliveryFailure } from '../../failures';
import type { Account } from '../../consumer';
import { address, asciiAddress } from './address';

const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/;
const recipients = z.array(address).max(20);

export const configSchema = z.strictObject({
  host: z.string().max(253).regex(HOST, { error: 'expected a host name or an IP address' }).describe('The SMTP server'),
  port: z.int().min(1).max(65_535).optional().describe('Its port; 465 with `tls`, otherwise 587, unless given'),
  security: z
    .enum(['starttls', 'tls', 'none'])
    .default('starttls')
    .describe(
      '`starttls`: TLS is demanded after connecting; `tls`: from the first byte; `none`: plain text, no sign-in',
    ),
  username: z.string().min(1).max(255).optional().describe('User that signs in, with the secret `password`'),
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
    .describe("By a department's id: who gets what is for this department, instead of `recipients`"),
  transcriptToVisitor: z
    .boolean()
    .default(false)
    .describe('Also send the transcript to the address that the visitor gave'),
});

export const secretsSchema = z.strictObject({
  password: z.string().min(1).max(1024).optional().describe('Password of `username`'),
});

export type EmailConfig = z.output<typeof configSchema>;
export type EmailSecrets = z.output<typeof secretsSchema>;
export type EmailAccount = Account<EmailConfig, EmailSecrets>;

export const portOf = ({ port, security }: EmailConfig): number => port ?? (security === 'tls' ? 465 : 587);

/**
 * Who signs in; undefined = nobody.
 *
 * @throws DeliveryFailure InvalidConfig when user and password do not belong together, or would be sent in plain text
 */
export function credentialsOf({ config, secrets }: EmailAccount): { user: string; pass: string } | undefined {
  const { username: user, security } = config;
  const { password: pass } = secrets;
  if (user === undefined && pass === undefined) return undefined;
  if (user === undefined || pass === undefined) {
    throw invalid('Give both the username in the configuration and the secret password, or neither.');
  }
  if (security === 'none') throw invalid('With security none the password would be readable on its way; use starttls.');
  return { user, pass };
}

const invalid = (message: string): DeliveryFailure => new DeliveryFailure('InvalidConfig', message);

import type { ConnectionLimits } from '../../consumer';
import type { EmailAccount, EmailConfig } from './account';

/** The limits of a provider for one account, all its connections together. */
interface Provider {
  readonly host: RegExp;
  /** At the same time. */
  readonly connections: number;
  readonly messagesPerMinute?: number;
  /** When it ends passwords, as a date and for people. */
  readonly passwords?: { readonly endAt: Date; readonly says: string };
}

/**
 * Sources: learn.microsoft.com "Exchange Online limits" (SMTP submission: 3 connections, 30 messages a minute), techcommunity.microsoft.com
 * 4489835 (basic authentication). Google documents messages a day only: its connections are a number that has caused no complaint.
 */
const providers: readonly Provider[] = [
  {
    host: /^(?:[a-z0-9-]+\.)*(?:office365\.(?:com|us)|partner\.outlook\.cn)$/i,
    connections: 3,
    messagesPerMinute: 30,
    passwords: {
      endAt: new Date('2026-12-31T00:00:00Z'),
      says:
        'Microsoft 365 ends passwords for SMTP (basic authentication): new tenants have none, for all others they are off by default ' +
        'from the end of December 2026, and the date of the final end comes in the second half of 2027. Sign in by OAuth instead ' +
        '(`clientCredentials`): see docs/smtp-providers.md',
    },
  },
  { host: /^smtp(?:-relay)?\.(?:gmail|googlemail)\.com$/i, connections: 10 },
];

const providerOf = ({ host }: EmailConfig): Provider | undefined => providers.find((one) => one.host.test(host));

/** For two workers; a delivery is a message to each of its recipients. */
export function limitsFor(config: EmailConfig): ConnectionLimits {
  const provider = providerOf(config);
  if (provider === undefined) return {};
  const { connections, messagesPerMinute } = provider;
  return {
    maxInFlight: Math.max(1, Math.floor(connections / 2)),
    ...(messagesPerMinute !== undefined && {
      ratePerSecond: roundDown(messagesPerMinute / 60 / mostRecipients(config)),
    }),
  };
}

const roundDown = (rate: number): number => Math.floor(rate * 1000) / 1000;

function mostRecipients({ recipients, recipientsByDepartment = {}, transcriptToVisitor }: EmailConfig): number {
  const lists = [...Object.values(recipients), ...Object.values(recipientsByDepartment)];
  return Math.max(1, ...lists.map((list) => list?.length ?? 0)) + (transcriptToVisitor ? 1 : 0);
}

const passwordsOf = ({ config }: EmailAccount): Provider['passwords'] =>
  config.authorization === 'password' && config.username !== undefined ? providerOf(config)?.passwords : undefined;

/** When the credential ends by itself; null: never, or not known. */
export const endOfCredentials = (account: EmailAccount): Date | null => passwordsOf(account)?.endAt ?? null;

/** The same for people. */
export const describeEnd = (account: EmailAccount): string | undefined => passwordsOf(account)?.says;

import type { Assumption } from './assumption';

const GMAIL = 'https://knowledge.workspace.google.com/admin/support/troubleshooting/gmail-smtp-errors-and-codes';
const MICROSOFT =
  'learn.microsoft.com, pages smtp-submission-improvements and continuous-error-throttling-smtp-auth-submissions';
const LIMITS =
  'https://learn.microsoft.com/en-us/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits';

export const mailAssumptions: readonly Assumption[] = [
  {
    fact: 'Microsoft 365: at the end of December 2026 passwords for sending are switched off by default in existing tenants, an administrator may switch them on again; new tenants have none; the final date is to be said in the second half of 2027. They are refused with 550 5.7.30 or 535 5.7.139.',
    source: 'https://techcommunity.microsoft.com (Exchange blog 4489835, 27 January 2026); message center MC786329',
    basis: 'documented',
  },
  {
    fact: 'Google: passwords ended on 1 May 2025, app passwords (with 2-step verification) and OAuth remain.',
    source: 'https://developer.nylas.com/docs/cookbook/email/gmail-smtp-settings/',
    basis: 'reported',
  },
  {
    fact: 'Gmail answers the quota of 24 hours with 550 5.4.5.',
    source: `${GMAIL}; met in https://gitlab.com/gitlab-org/gitlab-ce/issues/2300`,
    basis: 'reported',
  },
  {
    fact: 'Microsoft 365 answers its limits with 554 5.2.0 (recipients a day), 554 5.2.2 (mailbox full), 550 5.2.251 to 5.2.255 (sender throttled), 432 4.3.2 (connections).',
    source: MICROSOFT,
    basis: 'documented',
  },
  {
    fact: 'Microsoft 365 takes 3 connections of a sender at once, and 30 messages a minute.',
    source: `${MICROSOFT}; ${LIMITS}`,
    basis: 'documented',
  },
  {
    fact: 'Microsoft replaces a refresh token at each use, and takes the one before until it ends after 90 days; Google gives none with an access token.',
    source:
      'https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens; https://developers.google.com/identity/protocols/oauth2/web-server',
    basis: 'documented',
  },
  {
    fact: 'An answer of 4xx passes, one of 5xx is final, unless its enhanced status says otherwise; 530, 534, 535 and 538 are about signing in.',
    source: 'RFC 5321; RFC 3463; RFC 4954',
    basis: 'documented',
  },
  {
    fact: 'Auto-Submitted and X-Auto-Response-Suppress keep automatic answers away.',
    source: 'RFC 3834; [MS-OXCMAIL] 2.1.3.2.20',
    basis: 'documented',
  },
];

import type { Sourced } from '../../../http/fake/fill-answer';

interface Reply extends Sourced {
  /** Basic and enhanced status. */
  readonly status: `${number} ${string}`;
}

const checked = '2026-11-30';

/** What the fake replies where a test does not say. All else is as the package smtp-server replies. */
export const replies = {
  wrongPassword: { status: '535 5.7.8', source: 'RFC 4954 section 6', checked },
  tokenRefused: { status: '535 5.7.3', source: 'met at Microsoft 365: Authentication unsuccessful', checked },
} as const satisfies Record<string, Reply>;

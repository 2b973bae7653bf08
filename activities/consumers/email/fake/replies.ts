import type { Sourced } from '../../../http/fake/fill-answer';

interface Reply extends Sourced {
  /** Basic and enhanced status. */
  readonly status: `${number} ${string}`;
}

const checked = '2026-11-30';

/** Replies of the fake where a test gives none. All others are those of the package smtp-server. */
export const replies = {
  wrongPassword: { status: '535 5.7.8', source: 'RFC 4954 section 6', checked },
  tokenRefused: { status: '535 5.7.3', source: 'met at Microsoft 365: Authentication unsuccessful', checked },
} as const satisfies Record<string, Reply>;

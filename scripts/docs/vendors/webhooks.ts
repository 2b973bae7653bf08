import type { Assumption } from './assumption';

const SPEC = 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md';

export const webhookAssumptions: readonly Assumption[] = [
  {
    fact: 'A receiver checks webhook-id, webhook-timestamp and webhook-signature (v1, several of them while a secret is replaced); secrets are whsec_ with 24 to 64 bytes.',
    source: SPEC,
    basis: 'documented',
  },
  {
    fact: '410 says that no more is wanted, 429 and 503 that it is to come later, any other 2xx that it is there.',
    source: SPEC,
    basis: 'documented',
  },
  {
    fact: 'Bodies should stay below 20 kilobytes; ours may have up to 1 MB, as transcripts are long.',
    source: SPEC,
    basis: 'documented',
  },
];

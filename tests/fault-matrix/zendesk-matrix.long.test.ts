import { describeMatrix } from './describe-matrix';
import { everyFaultAtEveryStep } from './every-step';
import { startZendesk } from '../../activities/consumers/zendesk/fake';
import { asTwoWorkers, byRefreshToken, refreshTokenRows } from './refresh-token-rows';
import { zendeskKind, zendeskRows, type Zendesk } from './zendesk-rows';

const once = {
  kind: 'later',
  message: {},
  expected: { states: { delivered: 1 }, records: { tickets: 1, visitors: 1, files: 1 } },
} as const;

describe('by a refresh token', () => {
  describeMatrix(
    { ...zendeskKind, create: () => asTwoWorkers(zendeskKind.create) },
    refreshTokenRows<Zendesk>({
      async start(clock) {
        const fake = await startZendesk({ clock });
        return byRefreshToken(fake, fake.refreshAccount);
      },
      signIn: 'POST /oauth/tokens',
      records: (events) => ({ tickets: events, visitors: 1, files: 0 }),
    }),
  );
});

describeMatrix(zendeskKind, [
  ...zendeskRows,
  ...everyFaultAtEveryStep<Zendesk>(['GET users/me', 'POST uploads', 'POST tickets'], once),
  // Tickets are looked for before a repeat only.
  ...everyFaultAtEveryStep<Zendesk>(['GET tickets?external_id'], { ...once, creations: ['reset after'] }),
]);

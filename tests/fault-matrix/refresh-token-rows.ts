import type { Consumer, ExternalConsumer } from '../../activities/consumer';
import type { createRefreshTokens } from '../../activities/http/fake/refresh-tokens';
import type { MatrixAccount } from './open-matrix';
import type { FaultRow, MatrixFake, Outcome } from './run-row';

/** A fake that is signed in to by a refresh token. */
interface Refreshing extends MatrixFake {
  signIns(): number;
  expireTokens(): void;
  readonly refreshTokens: ReturnType<typeof createRefreshTokens>;
}

interface Options<Fake> extends Pick<FaultRow<Fake>, 'start' | 'salesforce'> {
  /** The request of a sign-in. */
  readonly signIn: string;
  /** What so many events leave. */
  readonly records: (events: number) => Outcome['records'];
}

/** What may become of a refresh token that the service replaces at each use. */
export function refreshTokenRows<Fake extends Refreshing>({
  signIn,
  records,
  ...row
}: Options<Fake>): readonly FaultRow<Fake>[] {
  const credentials = { ...row, kind: 'credentials' } as const;
  const mended = {
    isMended: true,
    expected: { states: { delivered: 2 }, failures: ['ConnectionBroken'], records: records(2) },
  };
  return [
    {
      ...credentials,
      fault: 'the access token ends before a burst of 20, and two workers need another one',
      events: 20,
      atOnce: 20,
      after: (fake) => fake.expireTokens(),
      expected: { states: { delivered: 21 }, records: records(21) },
      never: { 'there is more than one new sign-in': ({ fake }) => fake.signIns() !== 2 },
    },
    {
      ...credentials,
      ...mended,
      fault: 'the refresh token is revoked, until the operator signs in anew',
      after(fake) {
        fake.expireTokens();
        fake.refreshTokens.revoke();
      },
    },
    {
      ...credentials,
      ...mended,
      fault: 'another program uses a refresh token that was replaced, which ends its successors',
      after(fake) {
        fake.expireTokens();
        void fake.refreshTokens.use(fake.refreshTokens.first);
      },
    },
    {
      ...credentials,
      ...mended,
      fault: 'the answer is lost when the service has replaced the refresh token',
      after: (fake) => fake.expireTokens(),
      meets: (name, { requests }) =>
        name === signIn && requests.filter((one) => one.name === signIn).length === 1 ? 'reset after' : undefined,
      expected: { ...mended.expected, failures: ['Unavailable', 'ConnectionBroken'] },
    },
  ];
}

/** A fake whose account has the refresh token that is good now: where none is, its user signs in anew. */
export const byRefreshToken = <Fake extends { readonly refreshTokens: Refreshing['refreshTokens'] }>(
  fake: Fake,
  { config, secrets }: MatrixAccount,
): Fake & { readonly account: MatrixAccount } => ({
  ...fake,
  get account() {
    const refreshToken = fake.refreshTokens.current() ?? fake.refreshTokens.begin();
    return { config, secrets: { ...secrets, refreshToken } };
  },
});

/** Deliveries go to one and the other by turns, as to two workers: each has a memory of its own. */
export function asTwoWorkers(create: () => Consumer): Consumer {
  const workers = [create(), create()].map((one) => one as ExternalConsumer); // those with connections are
  const [first] = workers;
  let turn = 0;
  return {
    ...(first as ExternalConsumer),
    async send(request) {
      turn += 1;
      return await (workers[turn % workers.length] as ExternalConsumer).send(request);
    },
    async close() {
      for (const one of workers) await one.close?.();
    },
  };
}

import type { Fault } from '../../activities/http/fake';
import type { FaultRow } from './run-row';

/** What passes, and must leave no trace but a delay. */
const passing: Readonly<Record<string, Fault>> = {
  '500': { status: 500 },
  '502 with HTML': { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' },
  '503 with Retry-After': { status: 503, headers: { 'retry-after': '1' } },
  '429 with Retry-After': { status: 429, headers: { 'retry-after': '1' } },
  'a reset': 'reset',
  'an answer that is lost': 'reset after',
  'an answer that is half there': 'truncated',
  'no answer': 'stall',
};

/** A row for each fault that passes at each request of a delivery. What the row says beside it is the same for all. */
export function everyFaultAtEveryStep<Fake>(
  steps: readonly string[],
  row: Omit<FaultRow<Fake>, 'fault' | 'meets'>,
): FaultRow<Fake>[] {
  return steps.flatMap((step) =>
    Object.entries(passing).map(([name, fault]) => ({
      ...row,
      fault: `${name} at ${step}`,
      meets: (request, { requests }) =>
        request === step && !requests.some((before) => before.name === step) ? fault : undefined,
    })),
  );
}

import { describeMatrix } from './describe-matrix';
import { everyFaultAtEveryStep } from './every-step';
import { asTwoWorkers, refreshTokenRows } from './refresh-token-rows';
import { none, orders, salesforceKind, startRefreshed, type Salesforce } from './salesforce-kind';
import { salesforceOrgRows } from './salesforce-org-rows';
import { salesforceRulesRows } from './salesforce-rules-rows';
import { salesforceRows } from './salesforce-rows';

const once = {
  kind: 'later',
  salesforce: orders.createContactAndCase,
  expected: { states: { delivered: 1 }, records: { ...none, Case: 1, Contact: 1 } },
} as const;

describe('by a refresh token', () => {
  describeMatrix(
    { ...salesforceKind, create: () => asTwoWorkers(salesforceKind.create) },
    refreshTokenRows<Salesforce>({
      start: startRefreshed,
      salesforce: orders.createCase,
      signIn: 'POST token',
      records: (events) => ({ ...none, Case: events }),
    }),
  );
});

describeMatrix(salesforceKind, [
  ...salesforceRows,
  ...salesforceOrgRows,
  ...salesforceRulesRows,
  ...everyFaultAtEveryStep<Salesforce>(
    ['POST token', 'GET Case/describe', 'GET Contact/describe', 'POST composite'],
    once,
  ),
  // Records are looked for before a repeat only.
  ...everyFaultAtEveryStep<Salesforce>(['GET query'], { ...once, creations: ['reset after'] }),
]);

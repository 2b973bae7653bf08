import { newSecretsKey } from '../../activities/connections/secret-box';
import { createConsumers } from '../../activities/consumers';
import { createSalesforce } from '../../activities/consumers/salesforce/salesforce';
import { createPublisher } from '../../client';
import { effects } from '../../db/effects';
import { onPool } from '../../db/tx';
import { seed } from '../../prisma/seed';
import { runWorker } from '../../tests/running-worker';
import { createProgress } from '../progress';
import { runFaults } from './run-faults';

it('loses nothing and doubles nothing while a third of the requests fail at random', async () => {
  const secretsKey = newSecretsKey();
  const allowedAddresses = ['127.0.0.1'];
  const running = await runWorker({
    consumers: {
      ...(await createConsumers({ effects, allowedAddresses })),
      salesforce: createSalesforce({ allowedAddresses, settlesWithinMs: 1_000 }),
    },
    environment: {
      SECRETS_KEY: secretsKey,
      LONGEST_RETRY_SECONDS: '2',
      WEBHOOK_RETRY_SECONDS: Array.from({ length: 20 }, () => '0.5').join(),
    },
  });
  await seed(running.config.DATABASE_URL, ['persistence', 'email', 'webhook', 'ticket', 'zendesk', 'salesforce']);
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = running.config;
  const publisher = createPublisher({ clusters: [{ name: 'main', address, namespace }], deadlineMs: 30_000 });
  const out = { write: () => true } as unknown as NodeJS.WritableStream; // all that progress uses
  const report = await runFaults({
    seed: 4711,
    events: 40,
    publisher,
    db: onPool(running.pool),
    secretsKey,
    progress: createProgress({ out }),
  });
  await publisher.close();
  await running.stop();
  expect(report.problems).toEqual([]);
  expect(report.account.lost).toBe(0);
  expect(Object.keys(report.faults).length).toBeGreaterThan(10);
});

import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { freshNamespace } from '../tests/fresh-namespace';
import { readConfig } from './config';
import { createWorkers } from './create-workers';
import { DatabaseGate } from './database-gate';

it('leaves nothing behind when one of the Workers cannot be made', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const { namespace, close } = await freshNamespace();
  const config = readConfig({ DATABASE_URL: 'postgresql://nobody@127.0.0.1/none' });
  const connection = await NativeConnection.connect({ address });
  const workflowBundle = { code: 'no bundle' }; // only the Worker for workflows reads it
  const deliveries = { one: async () => {}, another: async () => {} };
  const creating = createWorkers(connection, namespace, config, {
    activities: {},
    deliveries,
    workflowBundle,
    payloads: {},
    slots: (count, name) => new DatabaseGate().slots(count, name),
  });
  await expect(creating).rejects.toThrow('source map');
  // Time for the others to be made, had nobody waited for them.
  for (let i = 0; i < 50; i++) await connection.workflowService.describeNamespace({ namespace });
  await connection.close(); // throws while a Worker holds it
  await close();
});

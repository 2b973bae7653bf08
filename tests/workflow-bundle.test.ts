import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import path from 'node:path';
import { payloadConverterPath } from '../workers/create-workers';

it('bundles for the sandbox: our workflows by name, no schemas, no database, no Node', async () => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(__dirname, '..', 'workflows'),
    payloadConverterPath: require.resolve(payloadConverterPath),
    logger: new DefaultLogger('ERROR'),
  });
  const modules = [...code.matchAll(/^\s*(?:\/\*\*\*\/ )?"(\.\/[^"]+)"/gm)].map(([, name]) => name ?? '');
  expect(modules).toEqual(
    expect.arrayContaining(['./workflows/process-chat-event.ts', './workflows/sweep-deliveries.ts']),
  );
  const foreign = modules.filter((name) =>
    /node_modules\/(zod|pg|uuid|@temporalio\/(client|worker|activity))\/|\/(events|db|activities|client)\//.test(name),
  );
  expect(foreign).toEqual([]);
}, 60_000);

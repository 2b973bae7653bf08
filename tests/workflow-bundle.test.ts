import { readFile } from 'node:fs/promises';
import { findWorkflowBundle } from '../workers/create-workers';

it('bundles for the sandbox: our workflows by name, no schemas, no database, no Node', async () => {
  const code = await readFile(process.env['WORKFLOW_BUNDLE'] ?? '', 'utf8');
  const modules = [...code.matchAll(/^\s*(?:\/\*\*\*\/ )?"(\.\/[^"]+)"/gm)].map(([, name]) => name ?? '');
  expect(modules).toEqual(
    expect.arrayContaining(['./workflows/process-chat-event.ts', './workflows/sweep-deliveries.ts']),
  );
  const foreign = modules.filter((name) =>
    /node_modules\/(zod|pg|uuid|@temporalio\/(client|worker|activity))\/|\/(events|db|activities|client)\//.test(name),
  );
  expect(foreign).toEqual([]);
}, 60_000);

it('is asked for by a name: a file that is not there ends the start, and is not waited for', async () => {
  await expect(findWorkflowBundle('/nowhere/bundle.js')).rejects.toThrow(/WORKFLOW_BUNDLE: there is no file \/nowhere/);
});

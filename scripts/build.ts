import { bundleWorkflowCode } from '@temporalio/worker';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../stack/run-command';

const dist = 'dist';

/** Compiles everything but tests into dist/, with the workflow bundle that a worker then loads instead of making its own. */
async function main(): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  const { code } = await runCommand(['tsc', '--project', 'tsconfig.build.json'], { show: true });
  if (code !== 0) throw new Error('The code does not compile; the errors are above.');
  for (const name of ['schema.prisma', 'migrations']) {
    await cp(join('prisma', name), join(dist, 'prisma', name), { recursive: true });
  }
  const bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    payloadConverterPath: require.resolve('../protocol/payload-converter'),
    workflowInterceptorModules: [require.resolve('../workflows/pass-trace')],
  });
  await writeFile(join(dist, 'workflow-bundle.js'), bundle.code);
  console.log(`dist/ is built: start a worker with \`node dist/workers/main.js\`.`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

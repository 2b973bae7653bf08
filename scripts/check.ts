import { runCommand } from '../stack/run-command';

/** Everything that is checked besides the tests, quick things first. */
const steps: Readonly<Record<string, readonly string[]>> = {
  types: ['tsc', '--noEmit'],
  lint: ['oxlint', '--type-aware', '--deny-warnings'],
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
  'dead code': ['knip', '--no-progress'],
  docs: ['tsx', 'scripts/docs.ts', '--check'],
  schema: ['tsx', 'scripts/migrate.ts', '--check'],
};

async function main(): Promise<void> {
  const failed: string[] = [];
  for (const [name, command] of Object.entries(steps)) {
    const began = performance.now();
    const { code, output } = await runCommand(command);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${seconds.padStart(5)} s`);
    if (code === 0) continue;
    failed.push(name);
    console.log(`${output.trimEnd()}\n     again: npx ${command.join(' ')}\n`);
  }
  if (failed.length === 0) return;
  console.log(`Failed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

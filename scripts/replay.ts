import { runCommand } from '../stack/run-command';
import { clusterVariables, readStack } from '../stack/stack-file';

/** `npm run replay`: workers/replay.ts, on the clusters of `npm start` where no TEMPORAL_ADDRESS is set. */
async function main(): Promise<void> {
  const stack = process.env['TEMPORAL_ADDRESS'] ? undefined : await readStack();
  const env = stack && { LARGE_EVENTS_DIR: stack.largeEventsDir, ...clusterVariables(stack), ...process.env };
  const program = [process.execPath, '--import', 'tsx', 'workers/replay.ts', ...process.argv.slice(2)];
  const { code } = await runCommand(program, { show: true, ...(env && { env }) });
  process.exitCode = code;
}

void main();

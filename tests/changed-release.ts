import { sleep } from '@temporalio/workflow';
import { processChatEvent as unchanged } from '../workflows/process-chat-event';

/**
 * Workflows of a release that breaks determinism on purpose: it waits first, which no history of the release before has. And it has a
 * bug: it throws for an event whose id begins with "bug".
 */
export async function processChatEvent(input: object): Promise<unknown> {
  if (JSON.stringify(input).includes('"id":"bug')) throw new TypeError('a bug of this release');
  await sleep(1);
  return await unchanged(input);
}

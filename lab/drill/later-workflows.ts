import { patched, sleep } from '@temporalio/workflow';
import { processChatEvent as today } from '../../workflows/process-chat-event';

export { recordedEvents, resumeDeliveries, sweepDeliveries } from '../../workflows';

/** The workflow as a later release may have it: this release does not know the first step of its runs. */
export async function processChatEvent(input: object): Promise<unknown> {
  if (patched('drill-later')) await sleep(1);
  return await today(input);
}

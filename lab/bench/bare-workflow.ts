import { proxyLocalActivities } from '@temporalio/workflow';

/** The bare worker's activities instead of recording and delivering: the call alone. */
export interface BareActivities {
  recordEvents(input: object): Promise<{ readonly ids: readonly string[] }>;
  persistence(input: { readonly ids: readonly string[] }): Promise<{ readonly delivered: number }>;
}

const { recordEvents, persistence } = proxyLocalActivities<BareActivities>({ startToCloseTimeout: '30 s' });

/** The steps of `processChatEvent` for an event with one in-house delivery, and nothing else. */
export async function processChatEvent(input: object): Promise<{ readonly delivered: number }> {
  const { ids } = await recordEvents({ events: [input] });
  return await persistence({ ids });
}

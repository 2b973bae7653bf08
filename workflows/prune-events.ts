import { continueAsNew, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import type { Pruned, PruneProgress } from '../activities/maintenance/prune';
import { SWEEP_TASK_QUEUE } from '../protocol/constants';
import { logUnknownSignals } from './unknown-signals';

const { prune } = proxyActivities<Activities>({
  taskQueue: SWEEP_TASK_QUEUE,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

/** How far a round had got when it continued as new. */
interface Progress extends Pruned {
  readonly next: PruneProgress;
}

/** One round of retention, started by its schedule: deletes the events that the rules of `ops retention` no longer keep, part by part. */
export async function pruneEvents(progress?: Progress): Promise<Pruned> {
  logUnknownSignals();
  let { next, ...counts } = progress ?? { next: { rule: 0, after: null }, events: 0, refused: 0, tombstones: 0 };
  for (;;) {
    const part = await prune({ from: next });
    counts = {
      events: counts.events + part.events,
      refused: counts.refused + part.refused,
      tombstones: counts.tombstones + part.tombstones,
    };
    const { events, refused, tombstones } = counts;
    setCurrentDetails(`Deleted so far: data of ${events} events, ${refused} refused events, ${tombstones} tombstones.`);
    if (part.next === null) return counts;
    next = part.next;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof pruneEvents>({ ...counts, next });
  }
}

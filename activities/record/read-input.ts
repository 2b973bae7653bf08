import { readEvent, type Problem } from '../../events/read-event';
import { isBatchId } from '../../protocol/batch-id';

/** Most events in one workflow: its run's history of them stays below Temporal's 2 MB. */
const MAX_LIST = 500;

const TOO_MANY: Problem = {
  path: '',
  problem: `comes after ${MAX_LIST} others in one list: publish it in another one`,
};

/** One input of a workflow with its place in the list: an event, or the problems that it has. */
export type ReadInput = ReturnType<typeof readInput>;
export type ValidInput = ReadInput & { ok: true };

/** @param startedAt ISO: the time of an event that says none */
export function readInput(input: unknown, position: number, count: number, workflowId: string, startedAt: string) {
  if (position >= MAX_LIST) return { ok: false as const, problems: [TOO_MANY], key: undefined, input, position };
  const id = count === 1 ? workflowId : `${workflowId}/${position}`;
  // A publisher names workflows by its keys and asks for them by these; one of an older release may have made a key otherwise.
  const isGivenKey = (key: string) => key === workflowId || isBatchId(workflowId);
  return { ...readEvent(input, { id, receivedAt: startedAt, isGivenKey }), input, position };
}

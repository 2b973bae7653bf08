import { activityInfo } from '@temporalio/activity';
import type { NewEvent } from '../../db/insert-events';
import type { Owner } from '../../db/owner';
import type { RefusedEvent } from '../../db/insert-refused-events';
import type { RoutedEvent } from '../../db/read-deliveries';
import type { Problem } from '../../events/read-event';
import { isLarger, KEPT } from '../../protocol/bound-input';
import { LARGE_TASK_QUEUE } from '../../protocol/constants';
import type { FirstAttempts } from '../deliver/first-attempts';
import { ownerHere } from '../owner-here';
import { readInput, type ReadInput, type ValidInput } from './read-input';
import { toRecorded, type RecordedEvent } from './recorded-event';
import { refuseEvent } from './refuse-event';
import { storeEvents, type StoreDeps } from './store-events';

export interface RecordInput {
  /** The workflow's input as it came; each is an event or something that claims to be one. */
  readonly events: readonly unknown[];
  /** First start of the workflow, ISO: the time of an event that says none. */
  readonly startedAt: string;
}

export interface Recorded {
  readonly events: readonly RecordedEvent[];
  /** Why the only event went to refused_event: paths and expectations, no values. For a list, the rows alone say it. */
  readonly refused: readonly { readonly position: number; readonly problems: readonly Problem[] }[];
}

/** Most deliveries in one workflow: its run's history of them stays below Temporal's 2 MB. */
const MAX_DELIVERIES = 3_000;
/** Most problems of the only event that its workflow's failure names; the row in refused_event has them all. */
const MAX_PROBLEMS = 50;

export interface RecordDeps extends StoreDeps {
  readonly clusterName: string;
  readonly firstAttempts: Pick<FirstAttempts, 'take'>;
  readonly observeRecorded: (counts: { recorded: number; refused: number; replaced: number }) => void;
}

/**
 * Inserts the events of one workflow with a delivery per subscription and connection, in one transaction; an event that is there
 * already stays as it is. Invalid events, and those whose data PostgreSQL refuses, go to refused_event in the same transaction.
 * A repeat gives the same ids.
 */
export async function recordEvents({ events: inputs, startedAt }: RecordInput, deps: RecordDeps): Promise<Recorded> {
  const owner = ownerHere(deps);
  const read = inputs.map((input, place) => readInput(input, place, inputs.length, owner.workflowId, startedAt));
  const refused = new Map<number, RefusedEvent>();
  const valid = new Map<string, ValidInput>();
  for (const one of read) {
    if (!one.ok) refused.set(one.position, refuseEvent(one, owner, one.problems));
    else if (!valid.has(one.key)) valid.set(one.key, one);
  }
  const added = await storeEvents([...valid.values()].sort(byKey), refused, owner, deps, (one, code) =>
    refuseEvent(one, owner, [{ path: 'data', problem: `Postgres refuses it: SQLSTATE ${code}` }]),
  );
  const routed = await readBack([...valid.keys()], added, owner, deps);
  // A valid event that is neither new nor in the database is erased.
  const there = new Set(routed.map(({ key }) => key));
  const erased = [...valid.keys()].filter((key) => !there.has(key));
  if (erased.length > 0) await deps.db.noteErasedAgain(erased, owner);
  const conflicts = findConflicts(read, routed).map((one) => refuseEvent(one, owner, [CONFLICT]));
  if (conflicts.length > 0) await deps.db.insertRefusedEvents(conflicts, owner);
  deps.observeRecorded({
    recorded: added.length,
    refused: refused.size + conflicts.length,
    replaced: read.reduce((sum, one) => sum + (one.ok ? one.replaced : 0), 0),
  });
  const fitting = countFitting(routed);
  const others = routed.slice(fitting).map(({ key }) => key);
  if (others.length > 0) await deps.db.handOverDeliveries(others, owner);
  const events = toRecorded(routed.slice(0, fitting), owner, deps.modes);
  if (inputs.length > 1) return { events: events.map(withoutDone), refused: [] };
  // The workers of large events have one local activity at once. A run leaves a large input behind before it delivers; the next one
  // reads the rows, which say nothing of first attempts.
  const mayTryHere = added.length > 0 && activityInfo().taskQueue !== LARGE_TASK_QUEUE && !isLarger(inputs[0], KEPT);
  return {
    events: events.map((event) => (mayTryHere ? triedHere(event, deps.firstAttempts) : event)),
    refused: [...refused.values()].map(({ position, problems }) => ({ position, problems: shortened(problems) })),
  };
}

/** Two runs with the same events take them in the same order, and cannot deadlock. */
const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1);

/** Events that this call has not inserted itself are read in a second statement: a concurrent recorder has committed them by now. */
async function readBack(
  keys: readonly string[],
  added: readonly NewEvent[],
  owner: Owner,
  { db }: RecordDeps,
): Promise<RoutedEvent[]> {
  const own = new Set(added.map(({ key }) => key));
  const others = keys.filter((key) => !own.has(key));
  const read = others.length > 0 ? await db.readDeliveries(others) : [];
  return [...added.map((event) => asRouted(event, owner)), ...read].sort(byKey);
}

/** An event that was inserted a moment ago, as readDeliveries would return it. */
function asRouted({ key, type, siteId, contentHash, deliveries }: NewEvent, owner: Owner): RoutedEvent {
  const settledAt = `${new Date().toISOString().slice(0, 19)}Z`;
  const rows = deliveries.map(({ id, label, dataQueue, consumer, parked, delivered = false }) => ({
    id,
    label,
    dataQueue,
    consumer,
    state: delivered ? ('delivered' as const) : parked === null ? ('pending' as const) : ('parked' as const),
    ownerCluster: owner.cluster,
    ownerWorkflowId: owner.workflowId,
    failureType: parked?.type ?? null,
    failureMessage: parked?.message ?? null,
    settledAt: delivered || parked !== null ? settledAt : null,
  }));
  return { key, type, siteId, contentHash, deliveries: rows.sort((a, b) => (a.label < b.label ? -1 : 1)) };
}

/** The same key with other content: in this list, or in the database. The first stands. */
function findConflicts(read: readonly ReadInput[], routed: readonly RoutedEvent[]): ValidInput[] {
  const hashes = new Map(routed.map(({ key, contentHash }) => [key, contentHash]));
  return read.filter((one): one is ValidInput => one.ok && hashes.has(one.key) && hashes.get(one.key) !== one.hash);
}

const CONFLICT: Problem = {
  path: 'id',
  problem: 'IdConflict: an event with this key and other content was recorded before; the first stands',
};

/** How many of the events, in order of key, one run can carry; the sweep starts a workflow for each of the others. */
function countFitting(events: readonly RoutedEvent[]): number {
  let deliveries = 0;
  const first = events.findIndex((event, i) => (deliveries += event.deliveries.length) > MAX_DELIVERIES && i > 0);
  return first === -1 ? events.length : first;
}

/** Of a batch, the history keeps only the deliveries that are still to be done. */
function withoutDone({ deliveries, ...event }: RecordedEvent): RecordedEvent {
  const left = deliveries.filter(({ mine, state }) => !mine || state !== 'delivered');
  return { ...event, deliveries: left, delivered: deliveries.length - left.length };
}

/** Marks the deliveries whose first attempt is made beside the workflow; the run does what the recorded mode says. */
function triedHere(event: RecordedEvent, firstAttempts: RecordDeps['firstAttempts']): RecordedEvent {
  const here = firstAttempts.take(event.key, event.siteId, event.deliveries);
  return { ...event, deliveries: event.deliveries.map((one) => (here.has(one.id) ? { ...one, mode: 'local' } : one)) };
}

function shortened(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  const more = { path: '', problem: `and ${problems.length - MAX_PROBLEMS} more, see refused_event` };
  return [...problems.slice(0, MAX_PROBLEMS), more];
}

import { createHash } from 'node:crypto';
import { v5 as uuidV5 } from 'uuid';
import type { NewEvent } from '../../db/insert-events';
import type { Owner } from '../../db/owner';
import type { RefusedEvent } from '../../db/insert-refused-events';
import type { RoutedEvent } from '../../db/read-deliveries';
import { readEvent, type Problem } from '../../events/read-event';
import { isBatchId } from '../../protocol/batch-id';
import { ownerHere, toRecorded, type RecordedEvent } from './read-recorded';
import { storeEvents, type StoreDeps } from './store-events';

export interface RecordInput {
  /** As they came in the workflow's input; each an event or something that claims to be one. */
  readonly events: readonly unknown[];
  /** First start of the workflow, ISO: the time of an event that says none. */
  readonly startedAt: string;
}

export interface Recorded {
  readonly events: readonly RecordedEvent[];
  /** Why the only event went to refused_event: paths and expectations, no values. Of a list, the rows alone say it. */
  readonly refused: readonly { readonly position: number; readonly problems: readonly Problem[] }[];
}

/** Most events in one workflow, and most deliveries: what a run keeps in its history about them stays below Temporal's 2 MB. */
export const MAX_LIST = 500;
const MAX_DELIVERIES = 3_000;
/** Most problems of the only event that its workflow's failure names; the row in refused_event has them all. */
const MAX_PROBLEMS = 50;

export interface RecordDeps extends StoreDeps {
  readonly clusterName: string;
  /** Consumers that this version has, each with how a run starts its deliveries. */
  readonly modes: Readonly<Record<string, 'local' | 'remote'>>;
  readonly observeRecorded: (counts: { recorded: number; refused: number; replaced: number }) => void;
}

/**
 * Inserts the events of one workflow with a delivery per subscription and connection, in one transaction, which does the
 * in-house deliveries as well; what is there already stays. Invalid events, and those whose data Postgres refuses, go to refused_event in the same transaction.
 * What is returned is read back in a second statement, so that a concurrent recorder of the same event is seen.
 * Nothing here is random: a repeat gives the same ids.
 */
export async function recordEvents({ events: inputs, startedAt }: RecordInput, deps: RecordDeps): Promise<Recorded> {
  const owner = ownerHere(deps);
  const { workflowId } = owner;
  const read = inputs.map((input, position) => readInput(input, position, inputs.length, workflowId, startedAt));
  const refused = new Map<number, RefusedEvent>();
  const valid = new Map<string, ReadInput & { ok: true }>();
  for (const one of read) {
    if (!one.ok) refused.set(one.position, refuse(one, owner, one.problems));
    else if (!valid.has(one.key)) valid.set(one.key, one);
  }
  // By key: two runs with the same events take them in the same order, and cannot deadlock.
  const inOrder = [...valid.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  const added = await storeEvents(inOrder, refused, owner, deps, (one, code) =>
    refuse(one, owner, [{ path: 'data', problem: `Postgres refuses it: SQLSTATE ${code}` }]),
  );
  const routed = await readBack([...valid.keys()], added, owner, deps);
  const conflicts = findConflicts(read, routed).map((one) => refuse(one, owner, [CONFLICT]));
  if (conflicts.length > 0) await deps.db.insertRefusedEvents(deps.db.autocommit, conflicts, owner);
  deps.observeRecorded({
    recorded: added.length,
    refused: refused.size + conflicts.length,
    replaced: read.reduce((sum, one) => sum + (one.ok ? one.replaced : 0), 0),
  });
  const fitting = fittingEvents(routed);
  const others = routed.slice(fitting).map(({ key }) => key);
  if (others.length > 0) await deps.db.handOverDeliveries(deps.db.autocommit, others, owner);
  return {
    events: toRecorded(routed.slice(0, fitting), owner, deps.modes).map(inputs.length > 1 ? withoutDone : asIs),
    refused:
      inputs.length > 1
        ? []
        : [...refused.values()].map(({ position, problems }) => ({ position, problems: shortened(problems) })),
  };
}

/** What this call has not inserted itself is read in a second statement: a concurrent recorder has committed it by now. */
async function readBack(
  keys: readonly string[],
  added: readonly NewEvent[],
  owner: Owner,
  { db }: RecordDeps,
): Promise<RoutedEvent[]> {
  const own = new Set(added.map(({ key }) => key));
  const others = keys.filter((key) => !own.has(key));
  const read = others.length > 0 ? await db.readDeliveries(db.autocommit, others) : [];
  return [...added.map((event) => asRouted(event, owner)), ...read].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** An event that was inserted a moment ago, as its rows would say it. */
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

/** How many of the events, in order of key, one run can carry; the others go to workflows of their own, which the sweep starts. */
function fittingEvents(events: readonly RoutedEvent[]): number {
  let deliveries = 0;
  const first = events.findIndex((event, i) => (deliveries += event.deliveries.length) > MAX_DELIVERIES && i > 0);
  return first === -1 ? events.length : first;
}

/** Of many events the history keeps what is still to be done. */
function withoutDone({ deliveries, ...event }: RecordedEvent): RecordedEvent {
  const left = deliveries.filter(({ mine, state }) => !mine || state !== 'delivered');
  return { ...event, deliveries: left, delivered: deliveries.length - left.length };
}

const asIs = (event: RecordedEvent): RecordedEvent => event;

function shortened(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  const more = { path: '', problem: `and ${problems.length - MAX_PROBLEMS} more, see refused_event` };
  return [...problems.slice(0, MAX_PROBLEMS), more];
}

const CONFLICT: Problem = {
  path: 'id',
  problem: 'IdConflict: an event with this key and other content was recorded before; the first stands',
};

const TOO_MANY: Problem = {
  path: '',
  problem: `comes after ${MAX_LIST} others in one list: publish it in another one`,
};

type ReadInput = ReturnType<typeof readInput>;

function readInput(input: unknown, position: number, count: number, workflowId: string, startedAt: string) {
  if (position >= MAX_LIST) return { ok: false as const, problems: [TOO_MANY], key: undefined, input, position };
  const id = count === 1 ? workflowId : `${workflowId}/${position}`;
  // A publisher names workflows by its keys and asks for them by these, also one of a release that read ids otherwise.
  const isGivenKey = (key: string) => key === workflowId || isBatchId(workflowId);
  return { ...readEvent(input, { id, receivedAt: startedAt, isGivenKey }), input, position };
}

/** The same key with other content: in this list, or in the database. The first stands. */
function findConflicts(read: readonly ReadInput[], routed: readonly RoutedEvent[]): (ReadInput & { ok: true })[] {
  const hashes = new Map(routed.map(({ key, contentHash }) => [key, contentHash]));
  return read.filter((one): one is ReadInput & { ok: true } => {
    return one.ok && hashes.has(one.key) && hashes.get(one.key) !== one.hash;
  });
}

const REFUSED_IDS = 'c7a3f1de-8f0c-4f4e-9a52-6f2c3a0e8b11';

function refuse(one: ReadInput, owner: Owner, problems: readonly Problem[]): RefusedEvent {
  const { type, siteId } = one.ok ? one.event : namesOf(one.input);
  const raw = Buffer.from(rawOf(one.input));
  const digest = createHash('sha256').update(raw).digest('hex');
  return {
    id: uuidV5(JSON.stringify([owner.cluster, owner.workflowId, one.position, digest]), REFUSED_IDS),
    key: one.key ?? null,
    type: printable(type),
    siteId: printable(siteId),
    problems: problems.map(({ path, problem }) => ({ path: path.replace(/\p{C}/gu, '?'), problem })),
    raw,
    position: one.position,
  };
}

/** What is nested so deep that this thread's stack does not reach its end was read on one with a larger stack. */
function rawOf(input: unknown): string {
  try {
    return JSON.stringify(input) ?? 'null';
  } catch {
    return '"nested too deep to be kept"';
  }
}

/** Type and site that a refused input claims. */
function namesOf(input: unknown): { type: unknown; siteId: unknown } {
  const { type, siteId } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  return { type, siteId };
}

const printable = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number'
    ? String(value)
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, 64)
    : null;

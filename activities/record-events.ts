import { createHash } from 'node:crypto';
import { v5 as uuidV5 } from 'uuid';
import type { Database } from '../db/database';
import type { Owner } from '../db/insert-events';
import type { RefusedEvent } from '../db/insert-refused-events';
import type { RoutedEvent } from '../db/read-deliveries';
import { readEvent, type Problem } from '../events/read-event';
import { isDataError } from './failures';
import { routeEvents } from './route-events';
import { ownerHere, toRecorded, type RecordedEvent } from './read-recorded';

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

/** Most events in one workflow: what a run keeps in its history about them stays below Temporal's 2 MB. */
export const MAX_LIST = 500;
/** Most problems of the only event that its workflow's failure names; the row in refused_event has them all. */
const MAX_PROBLEMS = 50;

export interface RecordDeps {
  readonly db: Database;
  readonly clusterName: string;
  readonly overdueAfterSeconds: number;
  /** Consumers that this version has, each with how a run starts its deliveries. */
  readonly modes: Readonly<Record<string, 'local' | 'remote'>>;
  readonly observeRecorded: (counts: { recorded: number; refused: number; replaced: number }) => void;
}

/**
 * Inserts the events of one workflow with a delivery per subscription and connection, in one transaction; what is there
 * already stays. Invalid events, and those whose data Postgres refuses, go to refused_event in the same transaction.
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
  const added = await insert(inOrder, refused, owner, deps);
  const routed = await deps.db.readDeliveries(deps.db.autocommit, [...valid.keys()]);
  const conflicts = findConflicts(read, routed).map((one) => refuse(one, owner, [CONFLICT]));
  if (conflicts.length > 0) await deps.db.insertRefusedEvents(deps.db.autocommit, conflicts, owner);
  deps.observeRecorded({
    recorded: added,
    refused: refused.size + conflicts.length,
    replaced: read.reduce((sum, one) => sum + (one.ok ? one.replaced : 0), 0),
  });
  return {
    events: routed.map((event) => toRecorded(event, owner, deps.modes)),
    refused:
      inputs.length > 1
        ? []
        : [...refused.values()].map(({ position, problems }) => ({ position, problems: shortened(problems) })),
  };
}

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
  return { ...readEvent(input, { id, receivedAt: startedAt }), input, position };
}

/** @returns how many events were new; what Postgres refuses is added to `refused` */
async function insert(
  valid: readonly (ReadInput & { ok: true })[],
  refused: Map<number, RefusedEvent>,
  owner: Owner,
  deps: RecordDeps,
): Promise<number> {
  const { db, overdueAfterSeconds } = deps;
  try {
    return await db.transaction(async (tx) => {
      const events = await routeEvents(tx, valid, deps);
      const added = events.length > 0 ? await db.insertEvents(tx, events, owner, overdueAfterSeconds) : [];
      if (refused.size > 0) await db.insertRefusedEvents(tx, [...refused.values()], owner);
      return added.length;
    });
  } catch (error) {
    if (!isDataError(error)) throw error;
  }
  return await db.transaction(async (tx) => {
    let added = 0;
    const events = await routeEvents(tx, valid, deps);
    for (const [i, event] of events.entries()) {
      try {
        added += await db.savepoint(
          tx,
          async () => (await db.insertEvents(tx, [event], owner, overdueAfterSeconds)).length,
        );
      } catch (error) {
        const one = valid[i];
        if (!isDataError(error) || one === undefined) throw error;
        const { code } = error as { code?: string };
        refused.set(
          one.position,
          refuse(one, owner, [{ path: 'data', problem: `Postgres refuses it: SQLSTATE ${code}` }]),
        );
      }
    }
    if (refused.size > 0) await db.insertRefusedEvents(tx, [...refused.values()], owner);
    return added;
  });
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
  const raw = Buffer.from(JSON.stringify(one.input) ?? 'null');
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

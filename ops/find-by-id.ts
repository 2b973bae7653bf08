import { text as readStdin } from 'node:stream/consumers';
import { openIdHashes, type HashIds } from '../activities/record/id-hashes';
import { findEventsById, hasEventsWithoutIds, type EventFilter } from '../db/find-events';
import { keepIdKey, readIdKey } from '../db/id-key';
import { findRefused } from '../db/list-refused';
import type { Tx } from '../db/tx';
import { comparedId, ID_KINDS } from '../events/compared-id';
import { eventKey } from '../events/event-key';
import { EVENT_TYPES } from '../events/event-types';
import { readEventId, readEventKey } from '../events/read-identity';
import type { Found } from './find-queued';
import type { Ops } from './open-ops';
import { CommandFailure, commandName } from './output';

/** The id that a command was given; `-` is the first line of the standard input. */
export async function readSoughtId(given: string): Promise<string> {
  const id = (given === '-' ? ((await readStdin(process.stdin)).split('\n')[0] ?? '') : given).trim();
  if (readEventId(id)) return id;
  throw new CommandFailure(given === '-' ? 'The standard input has no id in its first line.' : `${id} is not an id.`);
}

/** The events with that id: of a chat, session, ticket, visitor or record, an e-mail address, or the event's own. */
export async function findById(id: string, filter: EventFilter, limit: number, ops: Ops): Promise<Found[]> {
  const db = await ops.database();
  const keys = keysOf(id, filter);
  const hashes = await hashesOf(id, db, ops);
  const recorded = await findEventsById(db, { hashes, record: id, keys }, filter, limit);
  const refused =
    filter.state === undefined ? await findRefused(db, { keys, text: id, siteId: filter.siteId }, limit) : [];
  const found: Found[] = [
    ...recorded.map(({ receivedAt, by = '', ...event }) => ({
      standing: 'recorded' as const,
      ...event,
      by,
      at: receivedAt,
    })),
    ...refused.map(({ key, type, siteId, refusedAt, cluster, workflowId }) => ({
      standing: 'refused' as const,
      key: key ?? `${type}/${siteId}`,
      by: key !== null && keys.includes(key) ? 'event' : 'value',
      at: refusedAt,
      cluster,
      workflowId,
      deliveries: {},
    })),
  ];
  if (found.length > 0) return found;
  const { findQueued } = await import('./find-queued.js'); // loads Temporal's client
  return await findQueued(keys, ops);
}

/** Notes for a search without result. */
export async function explainNotFound(ops: Ops): Promise<string> {
  const db = await ops.database();
  return [
    'No event has this id.',
    ...((await hasEventsWithoutIds(db))
      ? ['Events of an earlier release are still being made findable by their ids; the sweep does it.']
      : []),
    'An event that no worker has recorded yet is found by its own id with --site, or by its key.',
    `One that no cluster has taken yet is in the journal of its publisher (${commandName()} journal status --dir FOLDER).`,
  ].join('\n');
}

/** The keys that an event of this id can have; the id may be a key. */
function keysOf(id: string, { siteId, eventType }: EventFilter): string[] {
  const key = readEventKey(id);
  if (key !== undefined) return [key];
  if (siteId === undefined) return [];
  const types = eventType === undefined ? EVENT_TYPES : [eventType];
  return types.map((type) => eventKey({ type, siteId, id: readEventId(id) ?? id }));
}

async function hashesOf(id: string, db: Tx, ops: Ops): Promise<Record<string, string>> {
  const hash = await openHashes(db, ops);
  const values = hash(ID_KINDS.map((kind) => comparedId(kind, id)));
  return Object.fromEntries(ID_KINDS.map((kind, i) => [kind, values[i] ?? '']));
}

/** @throws CommandFailure where the key of the hashes cannot be opened */
export async function openHashes(db: Tx, ops: Ops): Promise<HashIds> {
  const store = {
    readIdKey: () => readIdKey(db),
    keepIdKey: (key: Parameters<typeof keepIdKey>[1]) => keepIdKey(db, key),
  };
  const hash = await openIdHashes(store, await ops.secretBox())();
  if (hash === null)
    throw new CommandFailure(
      `The key of the event ids is sealed with another SECRETS_KEY: set that one as SECRETS_KEY_PREVIOUS, and "${commandName()} connections rotate-key".`,
    );
  return hash;
}

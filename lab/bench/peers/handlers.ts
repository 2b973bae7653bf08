import { LRUCache } from 'lru-cache';
import { openAccount } from '../../../activities/connections/open-account';
import { createSecretBox } from '../../../activities/connections/secret-box';
import { signInOf } from '../../../activities/connections/sign-in-store';
import { closeConsumers, type ExternalConsumer } from '../../../activities/consumer';
import { createConsumers } from '../../../activities/consumers';
import { listConnections, readConnection, type SealedConnection } from '../../../db/connections';
import { createDatabase } from '../../../db/database';
import { effects } from '../../../db/effects';
import { openPool } from '../../../db/database-client';
import { onPool } from '../../../db/tx';
import type { ChatEvent } from '../../../events/catalogue';
import { deliveryId } from '../../../events/delivery-id';
import { readEvent } from '../../../events/read-event';
import { markHandled, readHandled } from '../../queries/handled';
import type { Handle, Job } from './peer';

export interface HandlersOptions {
  readonly databaseUrl: string;
  readonly secretsKey: string;
  /** Whose accounts are sent to. */
  readonly sites: readonly string[];
  /** Whether a send is looked up before and noted after it, so that a job that comes again is not sent again. */
  readonly isSafe: boolean;
}

/** The work of every peer: the product's own consumers, with the limits that each site's account has. */
export async function openHandlers({ databaseUrl, secretsKey, sites, isSafe }: HandlersOptions) {
  const pool = openPool({ connectionString: databaseUrl, max: 20 }); // statements wait as long as they have to
  const database = createDatabase(pool);
  const db = onPool(pool);
  const box = createSecretBox(secretsKey);
  const eventOf = openEvents();
  const consumers = await createConsumers({ effects, allowedAddresses: ['127.0.0.1'] });
  const rows = (await Promise.all(sites.map((siteId) => listConnections(db, { siteId })))).flat();
  const connections = await Promise.all(rows.map(({ id }) => readConnection(db, id)));
  const accounts = new Map(
    connections.flatMap((row) =>
      row === undefined ? [] : [[`${row.consumer}/${row.siteId}`, { row, room: openRoom(row.maxInFlight) }] as const],
    ),
  );

  /** Looks and notes once for all jobs of a list. */
  async function sendAll(queue: string, consumer: ExternalConsumer, jobs: readonly Job[]): Promise<void> {
    const sends = jobs.map((job) => sendOf(queue, job));
    const handled = new Set(isSafe ? await readHandled(db, idsOf(sends)) : []);
    const open = sends.filter(({ id }) => !handled.has(id));
    const outcomes = await Promise.allSettled(
      open.map(({ key, event, id, row, room }) => room(() => consumer.send(requestOf(key, event, id, row)))),
    );
    const sent = open.filter((_, n) => outcomes[n]?.status === 'fulfilled');
    if (isSafe && sent.length > 0) await markHandled(db, idsOf(sent));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  function sendOf(queue: string, job: Job) {
    const event = eventOf(job);
    const account = accounts.get(`${queue}/${event.siteId}`);
    if (account === undefined) throw new Error(`Site ${event.siteId} has no account for ${queue}.`);
    return { ...account, key: job.key, event, id: deliveryId(job.key, `${event.type}.${queue}`, account.row.id) };
  }

  const requestOf = (key: string, event: ChatEvent, id: string, row: SealedConnection) => ({
    deliveryId: id,
    key,
    event,
    tries: 0,
    connectionId: row.id,
    connectionEdition: row.version,
    account: openAccount(row.id, row, box),
    loadAttachments: async () => [],
    progress: {},
    saveProgress: async () => {},
    signIn: signInOf({}).store,
    allSent: () => () => {},
    stopping: new AbortController().signal,
    signal: AbortSignal.timeout(60_000),
  });

  const handle: Handle = async (queue, jobs) => {
    const consumer = consumers[queue];
    if (consumer?.kind === 'external') {
      await sendAll(queue, consumer, jobs);
    } else {
      // Writing an event again changes nothing: here nothing has to be added.
      const events = jobs.map(eventOf);
      await database.inTransaction(async (tx) => await consumer?.write(tx, events));
    }
  };
  return { handle, close: async () => void (await Promise.all([closeConsumers(consumers), pool.end()])) };
}

const idsOf = (sends: readonly { readonly id: string }[]): string[] => sends.map(({ id }) => id);

/** Each is read and checked once, for all its jobs in this process. */
const MOST_CHECKED = 10_000;

function openEvents(): (job: Job) => ChatEvent {
  const checked = new LRUCache<string, ChatEvent>({ max: MOST_CHECKED });
  return ({ key, event }) => {
    const known = checked.get(key);
    if (known) return known;
    const read = readEvent(event, event);
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    checked.set(key, read.event);
    return read.event;
  };
}

/** Lets so many in at once. */
function openRoom(most: number) {
  let free = most;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

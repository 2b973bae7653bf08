import type { Info as ActivityInfo } from '@temporalio/activity';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { InFlight } from '../activities/connections/in-flight';
import { Slots } from '../activities/connections/slots';
import { LateAnswers } from '../activities/deliver/late-answers';
import { createSecretBox, newSecretsKey, type SecretBox } from '../activities/connections/secret-box';
import { externalConsumer, type SendRequest } from '../activities/consumer';
import { deliver } from '../activities/deliver/deliver';
import { insertConnection, type NewConnection } from '../db/connections';
import { createDatabase } from '../db/database';
import type { NewEvent } from '../db/insert-events';
import { createPool } from '../db/pool';
import { ActivityEnvironment, WORKFLOW_RUN, type LogEntry } from './activity-environment';
import { createDatabase as createTestDatabase } from './database';
import { idsOf, newEvent } from './new-event';

interface Config {
  readonly url: string;
}
interface Secrets {
  readonly token: string;
}
export type Request = SendRequest<Config, Secrets>;

/** Of the Worker that the bench stands for. */
export const SLOTS = 20;

const environment = (note: (entry: LogEntry) => void = () => {}, over: Partial<ActivityInfo> = {}) =>
  new ActivityEnvironment(
    { startToCloseTimeoutMs: 60_000, ...over },
    (entry) => ['WARN', 'ERROR'].includes(entry.level) && note(entry),
  );

/**
 * The wrapper `deliver` on a real database, with connections, around a consumer that does what a test says.
 *
 * @param through where the database is to be reached; its own address without
 * @param requestTimeoutMs of the consumer; long where a test lets sends hang until it has seen what it wants
 */
export async function openSendingBench(
  through = async (url: string): Promise<string> => url,
  requestTimeoutMs = 2_000,
) {
  const test = await createTestDatabase();
  const pool = createPool(await through(test.url));
  const statements = jest.spyOn(pool, 'query');
  const database = createDatabase(pool);
  let settlingFails: Error | undefined;
  const db: typeof database = {
    ...database,
    settleDelivery: (outcome) =>
      settlingFails === undefined ? database.settleDelivery(outcome) : Promise.reject(settlingFails),
  };
  const box = createSecretBox(newSecretsKey());
  const script = {
    send: async (_request: Request): Promise<void> => {},
    /** What has reached the destination, in order. */
    sent: [] as Request[],
    /** Warnings and errors. */
    logged: [] as LogEntry[],
    /** Details of heartbeats. */
    beats: [] as unknown[],
    /** Workflow ids of runs that were told to read their rows. */
    refreshed: [] as string[],
    inFlight: new InFlight(),
    lateAnswers: new LateAnswers(),
    slots: new Slots(SLOTS),
  };

  const consumer = externalConsumer<Config, Secrets>({
    requestTimeoutMs,
    connection: {
      config: z.object({ url: z.url() }),
      secrets: z.object({ token: z.string().min(3) }),
      check: async () => 'works',
    },
    send: async (request) => {
      script.sent.push(request);
      await script.send(request);
      return { n: script.sent.length };
    },
  });

  const owner = { cluster: 'main', workflowId: WORKFLOW_RUN.workflowId };

  async function newConnection(over: Partial<NewConnection> = {}): Promise<string> {
    const id = over.id ?? randomUUID();
    const sealed = box.seal(id, { token: 'marker-secret' });
    await insertConnection(db, {
      id,
      siteId: '7',
      consumer: 'webhook',
      name: id,
      config: { url: 'https://example.com/marker-path' },
      eventTypes: [],
      maxInFlight: 10,
      ratePerSecond: null,
      secrets: sealed.bytes,
      secretsKeyId: sealed.keyId,
      ...over,
    });
    return id;
  }

  async function recordedFor(
    siteId: string,
    connectionIds: readonly string[],
    over: Partial<NewEvent> = {},
  ): Promise<string[]> {
    const id = randomUUID();
    const event = newEvent(
      id,
      connectionIds.map(() => null),
    );
    await db.insertEvents([{ ...event, siteId, key: `Agent.Ban/${siteId}/${id}`, ...over }], owner);
    for (const [i, one] of idsOf(event).entries()) {
      await pool.query('update delivery set connection_id = $2 where id = $1', [one, connectionIds[i]]);
    }
    return idsOf(event);
  }

  return {
    db,
    pool,
    box,
    script,
    /** Forgets what a test has said and seen. */
    reset(): void {
      settlingFails = undefined;
      Object.assign(script, {
        send: async () => {},
        sent: [],
        logged: [],
        beats: [],
        refreshed: [],
        inFlight: new InFlight(),
        lateAnswers: new LateAnswers(),
        slots: new Slots(SLOTS),
      });
    },
    /** Statements that claim, so far. */
    claims: (): number =>
      statements.mock.calls.filter((call) => JSON.stringify(call).includes('lease_token = gen')).length,
    /** From now on outcomes cannot be written. */
    failSettling: (error: Error): void => void (settlingFails = error),
    newConnection,
    /** A delivery per entry, each of its connection, owned by the run of its activity environment. */
    recorded: (...connectionIds: string[]): Promise<string[]> => recordedFor('7', connectionIds),
    recordedFor,
    /** An event of each of so many sites, with a delivery each, and sends that took long before. @returns their ids */
    async slowSites(count: number): Promise<string[]> {
      const ids: string[] = [];
      for (let n = 0; n < count; n++) {
        const siteId = `slow-${n}`;
        ids.push(...(await recordedFor(siteId, [await newConnection({ siteId })])));
        const leave = script.slots.enter(siteId, false);
        const later = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 15_000);
        if (typeof leave === 'function') leave();
        later.mockRestore();
      }
      return ids;
    },
    /** @param over of a later attempt, say */
    attempt(
      ids: readonly string[],
      secretBox: SecretBox | null = box,
      isBatch = false,
      over: Partial<ActivityInfo> = {},
    ): Promise<unknown> {
      const deps = {
        db,
        clusterName: owner.cluster,
        secretBox,
        inFlight: script.inFlight,
        lateAnswers: script.lateAnswers,
        slots: script.slots,
        runs: {
          wasAskedFor: async () => false,
          refresh: async ({ workflowId }: { readonly workflowId: string }) => void script.refreshed.push(workflowId),
        },
        retryDelayMs: () => 0,
        observe: () => {},
      };
      const mock = environment((entry) => script.logged.push(entry), over);
      mock.on('heartbeat', (details) => script.beats.push(details));
      return mock.run(() => deliver('webhook', consumer, { ids, ride: isBatch }, deps));
    },
    rowOf: async (id: string | undefined) => (await pool.query('select * from delivery where id = $1', [id])).rows[0],
    stateOf: async (id: string) => (await pool.query('select state from connection where id = $1', [id])).rows[0].state,
    async close(): Promise<void> {
      await pool.end();
      await test.drop();
    },
  };
}

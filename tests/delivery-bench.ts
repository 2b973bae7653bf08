import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { InFlight } from '../activities/connections/in-flight';
import { Slots } from '../activities/connections/slots';
import { LateAnswers } from '../activities/deliver/late-answers';
import { createSecretBox, newSecretsKey, type SecretBox } from '../activities/connections/secret-box';
import type { Account, Consumer } from '../activities/consumer';
import type { Attempt } from '../activities/attempt';
import { deliver, type DeliverResult } from '../activities/deliver/deliver';
import { insertConnection } from '../db/connections';
import { createDatabase } from '../db/database';
import { createPool } from '../db/pool';
import type { ChatEvent } from '../events/catalogue';
import { deliveryId } from '../events/delivery-id';
import { detachAttachments } from '../events/detach-attachments';
import { WORKFLOW_RUN, type ActivityEnvironment } from './activity-environment';
import { createDatabase as createTestDatabase } from './database';

/** The wrapper `deliver` on a real database, around one consumer. */
export interface DeliveryBench {
  /** Every attempt that was reported. */
  readonly attempts: readonly Attempt[];
  readonly pool: Pool;
  /** Records the event anew, with one delivery, by a new connection or by none. @returns the delivery's id */
  record(event: ChatEvent, account: Account | null): Promise<string>;
  /** Each call stands for a worker of its own. */
  attempt(id: string, environment: ActivityEnvironment, secretBox?: SecretBox | null): Promise<DeliverResult>;
  rowOf(id: string): Promise<Record<string, unknown>>;
  /** As an operator's redrive does: pending, due now, connection ok. */
  makeDue(id: string): Promise<void>;
  /** As a crash does after the send: pending, as if nothing had come of it. */
  forget(id: string): Promise<void>;
  /** As time does. */
  endLease(id: string): Promise<void>;
  close(): Promise<void>;
}

export async function openDeliveryBench(name: string, consumer: Consumer): Promise<DeliveryBench> {
  const test = await createTestDatabase();
  const pool = createPool(test.url);
  const db = createDatabase(pool);
  const box = createSecretBox(newSecretsKey());
  const attempts: Attempt[] = [];
  const owner = { cluster: 'main', workflowId: WORKFLOW_RUN.workflowId };
  async function connect(siteId: string, id: string, account: Account): Promise<void> {
    const sealed = box.seal(id, account.secrets as Record<string, string>); // as every account's are
    await insertConnection(db, {
      id,
      siteId,
      consumer: name,
      name: id,
      config: account.config,
      eventTypes: [],
      maxInFlight: 10,
      ratePerSecond: null,
      secrets: sealed.bytes,
      secretsKeyId: sealed.keyId,
    });
  }

  return {
    attempts,
    pool,
    async record(event, account) {
      const [connectionId, eventId] = [randomUUID(), randomUUID()];
      if (account !== null) await connect(event.siteId, connectionId, account);
      const key = `${event.type}/${event.siteId}/${eventId}`;
      const dataQueue = `${event.type}.${name}`;
      const target = account === null ? null : connectionId;
      const id = deliveryId(key, dataQueue, target ?? '');
      const { event: light, attachments } = detachAttachments({ ...event, id: eventId });
      const delivery = { id, dataQueue, label: dataQueue, consumer: name, connectionId: target, parked: null };
      const recorded = { ...light, key, contentHash: 'h', deliveries: [delivery], attachments };
      await db.insertEvents([recorded], owner);
      return id;
    },
    attempt(id, environment, secretBox = box) {
      const deps = {
        db,
        clusterName: owner.cluster,
        secretBox,
        inFlight: new InFlight(),
        lateAnswers: new LateAnswers(),
        slots: new Slots(1),
        runs: { wasAskedFor: async () => false, refresh: async () => {} },
        retryDelayMs: () => 60_000,
        observe: (attempt: Attempt) => attempts.push(attempt),
      };
      return environment.run(() => deliver(name, consumer, { ids: [id] }, deps));
    },
    async rowOf(id) {
      return (await pool.query('select * from delivery where id = $1', [id])).rows[0];
    },
    async makeDue(id) {
      await pool.query("update connection set state = 'ok', broken_reason = null, broken_since = null");
      await pool.query(
        "update delivery set state = 'pending', settled_at = null, due_at = now(), tries = 0 where id = $1",
        [id],
      );
    },
    async forget(id) {
      const text = `update delivery set state = 'pending', settled_at = null, due_at = now(), tries = 0, receipt = null
                    where id = $1`;
      await pool.query(text, [id]);
    },
    async endLease(id) {
      await pool.query("update delivery set lease_until = now() - interval '1 second' where id = $1", [id]);
    },
    async close() {
      await pool.end();
      await test.drop();
    },
  };
}

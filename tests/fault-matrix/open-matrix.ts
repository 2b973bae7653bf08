import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { createSecretBox, newSecretsKey } from '../../activities/connections/secret-box';
import type { Consumer } from '../../activities/consumer';
import { createPublisher, type EventType, type WireData } from '../../client';
import { changeConnection, insertConnection, readConnection } from '../../db/connections';
import { onPool } from '../../db/tx';
import { deliveryId } from '../../events/delivery-id';
import { runWorker } from '../running-worker';

/** What a connection is made of. */
export interface MatrixAccount {
  readonly config: object;
  readonly secrets: Record<string, string>;
}

/** One attempt at a delivery, as the worker logged it. */
export interface LoggedAttempt {
  readonly deliveryId: string;
  readonly outcome: string;
  readonly failure: { readonly type: string } | null;
}

export interface Standing {
  readonly state: string;
  readonly failure: string | null;
  readonly receipt: Readonly<Record<string, unknown>> | null;
}

export type Matrix = Awaited<ReturnType<typeof openMatrix>>;

/** The whole system around one consumer: publisher, Temporal, worker, database; sites get connections as rows need them. */
export async function openMatrix(name: string, consumer: Consumer) {
  const secretsKey = newSecretsKey();
  const box = createSecretBox(secretsKey);
  const attempts: LoggedAttempt[] = [];
  const log = pino({}, collecting(attempts));
  const running = await runWorker({ consumers: { [name]: consumer }, environment: { SECRETS_KEY: secretsKey }, log });
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = running.config;
  const db = onPool(running.pool);
  const publisher = createPublisher({ clusters: [{ name: 'main', address, namespace }], deadlineMs: 60_000 });
  for (const type of ['Chat.Ended', 'OfflineMessage.Submit'] as const) {
    const row = [`${type}.${name}`, type, name];
    await running.pool.query('insert into subscription (data_queue, event_type, consumer) values ($1, $2, $3)', row);
  }
  let isClosed = false;

  return {
    /** @returns the connection's id */
    async connect(siteId: string, { config, secrets }: MatrixAccount, maxInFlight: number): Promise<string> {
      const id = randomUUID();
      const { bytes, keyId } = box.seal(id, secrets);
      const limits = { eventTypes: [], maxInFlight, ratePerSecond: null };
      const sealed = { secrets: bytes, secretsKeyId: keyId };
      await insertConnection(db, { id, siteId, consumer: name, name: 'matrix', config, ...limits, ...sealed });
      return id;
    },

    /** As an operator's `ops connections mend` does. */
    async mend(id: string, secrets: Record<string, string>): Promise<void> {
      const before = await readConnection(db, id);
      const { bytes, keyId } = box.seal(id, secrets);
      if (before === undefined) throw new Error('There is no such connection.');
      await changeConnection(db, id, before.version, { ...before, secrets: bytes, secretsKeyId: keyId });
    },

    /** @returns the id of the one delivery that the event has */
    async publish(type: EventType, data: WireData[EventType], connectionId: string): Promise<string> {
      const receipt = await publisher.publish(type, data, { id: randomUUID() });
      return deliveryId(receipt.key, `${type}.${name}`, connectionId);
    },

    async standings(ids: readonly string[]): Promise<Standing[]> {
      const text = 'select state, failure_type as failure, receipt from delivery where id = any($1::uuid[])';
      return (await running.pool.query<Standing>(text, [ids])).rows;
    },

    attemptsOf: (ids: readonly string[]): LoggedAttempt[] =>
      attempts.filter(({ deliveryId: theirs }) => ids.includes(theirs)),

    /** Leaves the attempt that is under way alone, as a worker that hangs does: its run and its lease end before it does. */
    async abandonAttempt(id: string): Promise<void> {
      const text = `update delivery set lease_until = now() - interval '1 second', look_at = now() where id = $1
                    returning owner_workflow_id as "workflowId"`;
      const { rows } = await running.pool.query<{ workflowId: string }>(text, [id]);
      await running.client.workflow.getHandle(rows[0]?.workflowId ?? '').terminate('the matrix');
    },

    /** As that of the running worker, and rejects when the matrix is closed. */
    async until(isSo: () => Promise<boolean>): Promise<void> {
      await running.until(async () => isClosed || (await isSo()));
      if (isClosed) throw new Error('Nothing more happened until the matrix was closed.');
    },

    async close(): Promise<void> {
      isClosed = true;
      await publisher.close();
      await running.stop();
    },
  };
}

function collecting(attempts: LoggedAttempt[]): Writable {
  return new Writable({
    write(line: Buffer, _, done) {
      const entry = JSON.parse(line.toString()) as LoggedAttempt & { readonly msg: string };
      if (entry.msg === 'delivery attempted') attempts.push(entry);
      done();
    },
  });
}

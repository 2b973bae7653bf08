import { randomUUID } from 'node:crypto';
import { openAccount } from '../../activities/connections/open-account';
import { createSecretBox } from '../../activities/connections/secret-box';
import { signInOf } from '../../activities/connections/sign-in-store';
import { closeConsumers, type ExternalConsumer } from '../../activities/consumer';
import { createConsumers } from '../../activities/consumers';
import { effects } from '../../db/effects';
import { listConnections, readConnection, type SealedConnection } from '../../db/connections';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import type { ChatEvent } from '../../events/catalogue';
import { readEvent } from '../../events/read-event';
import { makeChat } from '../make-events';

/**
 * The yardstick of events that go to several consumers: the same sends to the same servers with as many at once, without Temporal,
 * without rows. Arguments: how many events, and their sites. Prints the events per second.
 */
async function main([count = '', ...sites]: readonly string[]): Promise<void> {
  const { DATABASE_URL = '', SECRETS_KEY = '' } = process.env;
  const pool = createPool(DATABASE_URL);
  const db = onPool(pool);
  const secretBox = createSecretBox(SECRETS_KEY);
  const nothing = async (): Promise<void> => {};
  const all = await createConsumers({
    effects,
    allowedAddresses: ['127.0.0.1'],
  });
  const rows = (await Promise.all(sites.map((siteId) => listConnections(db, { siteId })))).flat();
  const connections = (await Promise.all(rows.map(({ id }) => readConnection(db, id)))).filter(
    (one) => one !== undefined,
  );
  await pool.end();
  const consumerOf = ({ consumer }: SealedConnection): ExternalConsumer | undefined => {
    const found = all[consumer];
    return found?.kind === 'external' ? found : undefined;
  };

  async function sendAll(connection: SealedConnection, events: readonly ChatEvent[]): Promise<void> {
    const consumer = consumerOf(connection);
    const waiting = events.filter(({ siteId }) => siteId === connection.siteId);
    const lane = async (): Promise<void> => {
      for (let event = waiting.pop(); event !== undefined; event = waiting.pop()) {
        await consumer?.send({
          deliveryId: randomUUID(),
          key: `${event.type}/${event.siteId}/${event.id}`,
          event,
          tries: 0,
          connectionId: connection.id,
          connectionEdition: connection.version,
          account: openAccount(connection.id, connection, secretBox),
          loadAttachments: async () => [],
          progress: {},
          saveProgress: nothing,
          signIn: signInOf({}).store,
          allSent: () => () => {},
          stopping: new AbortController().signal,
          signal: AbortSignal.timeout(60_000),
        });
      }
    };
    await Promise.all(Array.from({ length: connection.maxInFlight }, lane));
  }

  const measure = async (events: readonly ChatEvent[]): Promise<number> => {
    const started = performance.now();
    await Promise.all(connections.map((connection) => sendAll(connection, events)));
    return (1000 * events.length) / (performance.now() - started);
  };
  const make = (n: number): ChatEvent[] => Array.from({ length: n }, (_, i) => eventOf(sites[i % sites.length]));
  await measure(make(100)); // warms up
  console.log(await measure(make(Number(count))));
  await closeConsumers(all);
}

function eventOf(siteId: string | undefined): ChatEvent {
  const read = readEvent(makeChat(siteId), { id: randomUUID(), receivedAt: new Date().toISOString() });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.event;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

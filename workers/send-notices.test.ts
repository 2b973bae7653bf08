import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { createSecretBox, newSecretsKey } from '../activities/connections/secret-box';
import { sealNotify } from '../activities/connections/notify-secret';
import { startWebhookReceiver } from '../activities/consumers/webhook/fake';
import { listNotices, saveNotify } from '../db/connection-notices';
import { connect, type Connection } from '../tests/connection-row';
import { useDatabase, type OpenDatabase } from '../tests/database';
import { sendNotices } from './send-notices';

let opened: OpenDatabase;
useDatabase((database) => (opened = database), { emptyAfterEach: true });

const secretBox = createSecretBox(newSecretsKey());
const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
let connection: Connection;
let stopping: AbortController;
let running: Promise<unknown>[];
let lines: string[];

beforeEach(async () => {
  receiver = await startWebhookReceiver({ secret });
  connection = await connect(opened, 'webhook', { config: { url: 'https://example.com/' }, secrets: { secret: 's' } });
  stopping = new AbortController();
  [running, lines] = [[], []];
});

afterEach(async () => {
  stopping.abort();
  await Promise.all(running);
  await receiver.close();
});

const notify = () => saveNotify(opened.db, connection.id, sealNotify(secretBox, connection.id, receiver.url, secret));

/** As a worker does. */
function start(delaysMs: readonly number[] = [10, 10]): void {
  running.push(
    sendNotices({
      database: opened.db,
      secretBox,
      allowedAddresses: ['127.0.0.1'],
      dnsServers: [],
      policy: { mode: 'remote', delaysMs },
      log: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }),
      lookEveryMs: 20,
      signal: stopping.signal,
    }),
  );
}

const waiting = () => listNotices(opened.db, connection.id);

it('tells a site, once by two workers, that a connection is broken and then mended, by a secret of its own', async () => {
  await notify();
  await connection.break('The endpoint answers 410.');
  await connection.break('again'); // it is broken already
  await connection.give({ secret: 'another' });
  start();
  start();
  while ((await waiting()).length > 0) await pause(10);
  const messages = receiver.arrivals.map(({ body, isVerified }) => ({ ...JSON.parse(body), isVerified }));
  const { siteId, consumer, name, id } = await connection.read();
  expect(messages.toSorted((a, b) => (a.type < b.type ? -1 : 1))).toEqual([
    {
      type: 'connection.broken',
      timestamp: expect.stringMatching(/^2.*Z$/),
      data: { connection: { id, siteId, consumer, name }, reason: 'The endpoint answers 410.' },
      isVerified: true,
    },
    {
      type: 'connection.mended',
      timestamp: expect.any(String),
      data: { connection: { id, siteId, consumer, name } },
      isVerified: true,
    },
  ]);
  expect((await opened.pool.query('select from event union all select from delivery')).rowCount).toBe(0);
});

it('tries again under the same id by the schedule, and gives up after the last try', async () => {
  await notify();
  receiver.receiver.fault = () => ({ status: 500, body: 'answer-marker' });
  await connection.break('why');
  start();
  while (!(await waiting())[0]?.isGivenUp) await pause(10);
  expect(receiver.arrivals).toHaveLength(3);
  expect(new Set(receiver.arrivals.map(({ id }) => id)).size).toBe(1);
  expect(await waiting()).toMatchObject([
    { event: 'broken', tries: 3, failure: expect.stringContaining('answers 500') },
  ]);
  expect(lines.map((line) => JSON.parse(line).isGivenUp)).toEqual([false, false, true]);
  expect(lines.join()).not.toMatch(/answer-marker|whsec_/);
});

it('tries no more where the receiver is gone', async () => {
  await notify();
  receiver.receiver.fault = () => ({ status: 410 });
  await connection.break('why');
  start();
  while (!(await waiting())[0]?.isGivenUp) await pause(10);
  expect(receiver.arrivals).toHaveLength(1);
});

it('keeps no message where no site wants one, or none any more', async () => {
  await connection.break('why');
  expect(await waiting()).toEqual([]);
  await notify();
  await connection.give({});
  expect(await waiting()).toMatchObject([{ event: 'mended' }]);
  await saveNotify(opened.db, connection.id, null);
  expect(await waiting()).toEqual([]);
});

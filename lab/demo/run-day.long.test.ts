import { Connection, WorkflowClient } from '@temporalio/client';
import { relations } from '../../activities/consumers/relations';
import { createSecretBox, newSecretsKey } from '../../activities/connections/secret-box';
import { createPublisher, type Publisher } from '../../client';
import { onPool, type Tx } from '../../db/tx';
import { catalogue } from '../../events/catalogue';
import { seed } from '../../prisma/seed';
import { readClusters, toClusterOptions } from '../../workers/clusters';
import { runWorker, type Running } from '../../tests/running-worker';
import { allServed } from '../../stack/all-served';
import { startTemporal, type Temporal } from '../../stack/start-temporal';
import { openDestinations, type Destinations } from '../destinations';
import { createProgress } from '../progress';
import { readDay, type DayLine } from '../read-day';
import { runDay, type Day } from './run-day';
import { settle } from '../settle';
import { GONE, sitePlans } from './site-troubles';
import { loseEffects, takeAccount } from '../take-account';

let servers: [Temporal, Temporal];
let connection: Connection;
let running: Running;
let publisher: Publisher;
let db: Tx;
let day: Day;
let destinations: Destinations;
let said = '';

/** A few lines of each type, all of those that the demo's faults hit, and everything that has to be refused. */
function partOfDay(): DayLine[] {
  const seen = new Map<string, number>();
  const part = readDay().filter(({ type }) => {
    const count = seen.get(type) ?? 0;
    seen.set(type, count + 1);
    return count < 4 || type === 'Agent.Ban' || !(type in catalogue);
  });
  return [...part, ...part.slice(0, 3)];
}

beforeAll(async () => {
  const key = newSecretsKey();
  // Of its own, as it kills one of them.
  servers = await Promise.all([startTemporal(), startTemporal()]);
  const [main, standby] = servers;
  running = await runWorker({
    environment: {
      TEMPORAL_ADDRESS: main.address,
      TEMPORAL_STANDBY_ADDRESS: standby.address,
      TAKEOVER_AFTER_SECONDS: '3',
      SECRETS_KEY: key,
      ALLOWED_ADDRESSES: '127.0.0.1',
      WEBHOOK_RETRY_SECONDS: '1,1,1,1,1,1,1,1,1,1,1,1',
    },
  });
  await allServed(running.worker);
  const { config, client } = running;
  await seed(config.DATABASE_URL, ['persistence', 'email', 'webhook', 'ticket', 'zendesk', 'salesforce']);
  const [onMain, onStandby] = readClusters(config);
  publisher = createPublisher({ clusters: readClusters(config).map(toClusterOptions), deadlineMs: 60_000 });
  connection = Connection.lazy({ address: standby.address });
  const clusters = [
    { ...onMain, client: client.workflow },
    { ...onMain, ...onStandby, client: new WorkflowClient({ connection, namespace: onMain.namespace }) },
  ] as const;
  db = onPool(running.pool);
  destinations = await openDestinations(db, createSecretBox(key), sitePlans());
  const out = { write: (text: string) => (said += text) !== '' } as NodeJS.WritableStream; // all that progress uses
  const progress = createProgress({ out, everyMs: 0 });
  const all = { lines: partOfDay(), publisher, clusters, main, db, progress, destinations };
  day = await runDay({ ...all, stalledAfterMs: 60_000 });
}, 300_000);

afterAll(async () => {
  await publisher.close();
  await connection.close();
  await running.stop();
  await destinations.close();
  await Promise.all(servers.map((server) => server.stop()));
}, 60_000);

test('a part of the day settles, nothing is lost and the account balances', () => {
  const { account, settled } = day;
  expect({ settled, lost: account.lost, problems: account.problems }).toEqual({ settled: true, lost: 0, problems: [] });
  expect(account.published).toBe(partOfDay().length);
  expect(account.duplicates).toBeGreaterThanOrEqual(3);
  expect(account.refused).toBeGreaterThan(0);
  expect(account.recorded).toBe(account.accepted);
  for (const [dataQueue, queue] of Object.entries(account.byQueue)) {
    const { implied, found, skipped } = queue;
    expect({ dataQueue, ...queue, all: found + skipped }).toMatchObject({ all: implied, delivered: implied });
  }
  const types = new Set(partOfDay().map(({ type }) => type));
  const queues = relations.filter(({ type }) => types.has(type)).map(({ dataQueue }) => dataQueue);
  expect(Object.keys(account.byQueue)).toEqual(queues);
  expect(account.byQueue['Chat.Ended.Zendesk']).toMatchObject({ skipped: 0 });
});

test('what the faults did is told: tried again until it worked, or parked and sent again', () => {
  const bans = day.account.byQueue['Agent.Ban']?.implied;
  expect(said).toContain(`Agent.Ban: ${bans} are parked`);
  expect(said).toContain('Rejected: Postgres answered SQLSTATE 23514');
  expect(said).toContain(
    `--query 'ParkedQueues = "Agent.Ban" AND ExecutionStatus = "Running"' --name redrive --input '["Agent.Ban"]'`,
  );
  expect(said).toContain('Conversion.Log: 4 of 4 came through');
  expect(said).toMatch(
    new RegExp(`webhooks of site ${GONE}: \\d+ are parked[^]*ConnectionBroken: The endpoint answers 410`),
  );
});

test('main dies in the middle: standby takes over, main comes back, and both are through', () => {
  const takenBy = new Set(day.publications.map((one) => (one.outcome === 'accepted' ? one.acceptedBy : '')));
  expect([...takenBy]).toEqual(expect.arrayContaining(['main', 'standby']));
  expect(said).toMatch(/main is killed[^]*Standby has the first event \d+ ms later[^]*Main is started again/);
  expect(Number(/(\d+) deliveries of events that main had recorded are standby's now/.exec(said)?.[1])).toBeGreaterThan(
    0,
  );
  expect(said).toContain('No workflow is open any more, on neither cluster.');
});

test('effects removed behind the back of the product are counted as lost', async () => {
  const gone = await loseEffects(db, day.publications, destinations, 3);
  const account = await takeAccount(db, day.publications, destinations);
  expect(account.lost).toBe(3);
  expect(account.deliveries).toEqual(day.account.deliveries);
  const queues = gone.map((text) => text.split(' of ')[0] ?? '');
  expect(new Set(queues).size).toBe(3);
  for (const queue of queues) expect(account.byQueue[queue]).toMatchObject({ lost: 1 });
});

test('more effects than there are cannot be removed', async () => {
  await expect(loseEffects(db, day.publications, destinations, 10_000)).rejects.toThrow(/There are only \d+ effects/);
});

test('waiting ends when nothing moves any more', async () => {
  const settled = await settle(db, { isSettled: () => false, onCounts: () => {}, stalledAfterMs: 300 });
  expect(settled).toBe(false);
});

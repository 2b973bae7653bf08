import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Pool } from 'pg';
import { createDatabase, type Database } from '../../db/database';
import { createPool } from '../../db/pool';
import { createDatabase as createTestDatabase, type TestDatabase } from '../../tests/database';
import { newEvent } from '../../tests/new-event';
import { sweep, type Runs, type Swept } from './sweep';

let test: TestDatabase;
let pool: Pool;
let db: Database;

beforeEach(async () => {
  test = await createTestDatabase();
  pool = createPool(test.url);
  db = createDatabase(pool);
});

afterEach(async () => {
  await pool.end();
  await test.drop();
});

/** An event with two deliveries that nobody has looked at for too long. */
async function leftAlone(name: string, workflowId: string): Promise<string> {
  const event = newEvent(name, [null, null]);
  const { key } = event;
  await db.insertEvents(db.autocommit, [event], { cluster: 'main', workflowId }, 0);
  await pool.query("update delivery set due_at = now() - interval '1 hour' where event_key = $1", [key]);
  return key;
}

function run(runs: Partial<Runs>, over: Partial<Database> = {}): Promise<Swept> {
  const deps = {
    db: { ...db, ...over },
    clusterName: 'main',
    overdueAfterSeconds: 60,
    sweepLimit: 100,
    modes: { persistence: 'local' },
  };
  const unexpected = (): never => {
    throw new Error('not to be called');
  };
  const all = { isOpen: unexpected, refresh: unexpected, continueEvent: unexpected, ...runs };
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  return environment.run(() => sweep({ ...deps, runs: all }));
}

it('continues what nobody works on, with the hash of its content, and a failure holds up nobody else', async () => {
  const keys = await Promise.all(['a', 'b', 'c'].map((name) => leftAlone(name, `run-${name}`)));
  const continued: unknown[] = [];
  const swept = await run({
    isOpen: async (workflowId) => {
      if (workflowId === 'run-a') throw new Error('the server is busy');
      return false;
    },
    continueEvent: async (event) => void continued.push(event),
  });
  expect(swept).toEqual({ revived: 0, continued: 2, refreshed: 0, undone: 1 });
  // A few at once, so in no order.
  expect(new Set(continued)).toEqual(
    new Set([
      { key: keys[1], contentHash: 'hash of b' },
      { key: keys[2], contentHash: 'hash of c' },
    ]),
  );
  const { rows } = await pool.query('select distinct owner_workflow_id as owner from delivery order by 1');
  expect(rows.map(({ owner }) => owner)).toEqual([keys[1], keys[2], 'run-a'].sort());
});

it('tells an open run that is late to look, once, however many of its events wait', async () => {
  await Promise.all(['a', 'b', 'c'].map((name) => leftAlone(name, 'one-run')));
  const refreshed: string[] = [];
  const swept = await run({ isOpen: async () => true, refresh: async (id) => void refreshed.push(id) });
  expect(swept).toMatchObject({ refreshed: 1, undone: 0 });
  expect(refreshed).toEqual(['one-run']);
});

it('leaves an open run alone that is only a little late', async () => {
  await leftAlone('a', 'one-run');
  await pool.query("update delivery set due_at = now() - interval '2 minutes'");
  expect(await run({ isOpen: async () => true })).toEqual({ revived: 0, continued: 0, refreshed: 0, undone: 0 });
});

it('continues what nobody works on although it cannot revive, and says that it failed', async () => {
  const key = await leftAlone('a', 'one-run');
  const continued: string[] = [];
  const runs = {
    isOpen: async () => false,
    continueEvent: async (event: { key: string }) => void continued.push(event.key),
  };
  const reviveDeliveries = () => Promise.reject(new Error('too many wait'));
  await expect(run(runs, { reviveDeliveries })).rejects.toThrow('too many wait');
  expect(continued).toEqual([key]);
});

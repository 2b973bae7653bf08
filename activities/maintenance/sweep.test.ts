import type { Pool } from 'pg';
import { createDatabase, type Database } from '../../db/database';
import { ActivityEnvironment } from '../../tests/activity-environment';
import { useDatabase } from '../../tests/database';
import { newEvent } from '../../tests/new-event';
import type { Runs } from './runs';
import { sweep, type SweepDeps, type Swept } from './sweep';

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened), { emptyAfterEach: true });

const overdueAfter = (seconds: number) => createDatabase(pool, { overdueAfterSeconds: seconds });

/** An event with two deliveries that nobody has looked at for too long. */
async function leftAlone(name: string, workflowId: string, cluster = 'main'): Promise<string> {
  const event = newEvent(name, [null, null]);
  const { key } = event;
  await overdueAfter(0).insertEvents([event], { cluster, workflowId });
  await pool.query("update delivery set due_at = now() - interval '1 hour' where event_key = $1", [key]);
  return key;
}

const foreign: string[] = [];
function run(
  runs: Partial<Runs>,
  over: Partial<Database> = {},
  removeOldFiles?: SweepDeps['removeOldFiles'],
): Promise<Swept> {
  const deps = {
    db: { ...db, ...over },
    removeOldFiles,
    sweepLimit: 100,
    modes: { persistence: 'local' },
    observeSwept: () => {},
    observeForeign: (clusters: readonly string[]) => void foreign.push(...clusters),
  };
  const unexpected = (): Promise<never> => Promise.reject(new Error('not to be called'));
  const all = {
    here: 'main',
    known: ['main', 'standby'],
    usable: () => ['main', 'standby'],
    givenUp: async () => [],
    isOpen: unexpected,
    refresh: unexpected,
    findFailing: async () => [],
    restartIfFailing: async () => undefined,
    wasAskedFor: unexpected,
    eraseWorkflow: unexpected,
    continueEvent: unexpected,
    continueBatch: unexpected,
    ...runs,
  };
  return new ActivityEnvironment().run(() => sweep({ idHashes: async () => null, ...deps, runs: all }));
}

const nothing: Swept = { revived: 0, continued: 0, takenOver: 0, refreshed: 0, restarted: 0, undone: 0 };

it('continues what nobody works on, with the hash of its content, and a failure holds up nobody else', async () => {
  const keys = await Promise.all(['a', 'b', 'c'].map((name) => leftAlone(name, `run-${name}`)));
  const continued: unknown[] = [];
  const swept = await run({
    isOpen: async ({ workflowId }) => {
      if (workflowId === 'run-a') throw new Error('the server is busy');
      return false;
    },
    continueEvent: async (event) => void continued.push(event),
  });
  expect(swept).toEqual({ ...nothing, continued: 2, undone: 1 });
  // A few at once, so in no order.
  expect(new Set(continued)).toEqual(
    new Set([
      { key: keys[1], contentHash: 'hash of b', cluster: 'main' },
      { key: keys[2], contentHash: 'hash of c', cluster: 'main' },
    ]),
  );
  const { rows } = await pool.query('select distinct owner_workflow_id as owner from delivery order by 1');
  expect(rows.map(({ owner }) => owner)).toEqual([keys[1], keys[2], 'run-a'].sort());
});

it('tells an open run that is late to look, once, however many of its events wait', async () => {
  await Promise.all(['a', 'b', 'c'].map((name) => leftAlone(name, 'one-run')));
  const refreshed: string[] = [];
  const swept = await run({
    isOpen: async () => true,
    refresh: async ({ workflowId }) => void refreshed.push(workflowId),
  });
  expect(swept).toMatchObject({ refreshed: 1, undone: 0 });
  expect(refreshed).toEqual(['one-run']);
});

it('restarts a late run whose task keeps failing instead of telling it to look, and what the server reports', async () => {
  await Promise.all(['failing', 'healthy'].map((name) => leftAlone(name, name)));
  const told: string[] = [];
  const swept = await run({
    isOpen: async () => true,
    findFailing: async () => ['reported'],
    restartIfFailing: async ({ workflowId }) => (workflowId === 'healthy' ? undefined : 'attempt 6'),
    refresh: async ({ workflowId }) => void told.push(workflowId),
  });
  expect([swept, told]).toEqual([{ ...nothing, restarted: 2, refreshed: 1 }, ['healthy']]);
});

it('leaves an open run alone that is only a little late', async () => {
  await leftAlone('a', 'one-run');
  await pool.query("update delivery set due_at = now() - interval '2 minutes'");
  expect(await run({ isOpen: async () => true })).toEqual(nothing);
});

it('has the hundreds of one open batch in one place of the line, and what stands behind them in the same round', async () => {
  const names = Array.from({ length: 120 }, (_, n) => `${n}`); // two deliveries each, 100 in a claim
  const together = names.map((name) => newEvent(name, [null, null]));
  await overdueAfter(-60).insertEvents(together, { cluster: 'main', workflowId: 'batch' });
  const key = await leftAlone('behind', 'closed');
  const asked: string[] = [];
  const continued: string[] = [];
  const swept = await run({
    isOpen: async ({ workflowId }) => {
      asked.push(workflowId);
      return workflowId === 'batch';
    },
    refresh: async () => {},
    continueEvent: async (event) => void continued.push(event.key),
  });
  expect(swept).toMatchObject({ continued: 1, undone: 0 });
  expect([asked, continued]).toEqual([['batch', 'closed'], [key]]);
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

const owners = async () =>
  (await pool.query('select distinct owner_cluster, owner_workflow_id from delivery order by 1, 2')).rows.map(
    (row) => `${row.owner_cluster} ${row.owner_workflow_id}`,
  );

it('looks again as soon as at first at what it could not look at, however often that was', async () => {
  const key = await leftAlone('a', 'one-run');
  const busy = { isOpen: () => Promise.reject(new Error('busy')) };
  for (let round = 0; round < 5; round++) {
    expect(await run(busy)).toEqual({ ...nothing, undone: 1 });
    const { rows } = await pool.query("select looks, look_at < now() + interval '61 s' as soon from delivery");
    expect(rows).toEqual([0, 1].map(() => ({ looks: 0, soon: true })));
    await pool.query("update delivery set look_at = now() - interval '1 s'");
  }
  const continued: string[] = [];
  await run({ isOpen: async () => false, continueEvent: async (event) => void continued.push(event.key) });
  expect(continued).toEqual([key]);
});

it('asks each run on its own cluster, and takes over here what is closed there', async () => {
  const key = await leftAlone('a', 'one-run', 'standby');
  await leftAlone('b', 'another-run', 'main');
  const asked: string[] = [];
  const swept = await run({
    isOpen: async ({ cluster, workflowId }) => {
      asked.push(`${cluster} ${workflowId}`);
      return cluster === 'main';
    },
    refresh: async () => {},
    continueEvent: async ({ cluster }) => expect(cluster).toBe('main'),
  });
  expect(asked.sort()).toEqual(['main another-run', 'standby one-run']);
  expect(swept).toMatchObject({ continued: 1, refreshed: 1, takenOver: 0 });
  expect(await owners()).toEqual([`main ${key}`, 'main another-run']);
});

it('leaves what belongs to a cluster that is out, and takes it over without a question once that is given up', async () => {
  const key = await leftAlone('a', 'one-run', 'standby');
  const usable = () => ['main'];
  expect(await run({ usable })).toEqual(nothing);
  expect(await owners()).toEqual(['standby one-run']);
  const continued: unknown[] = [];
  const continueEvent = async (event: object) => void continued.push(event);
  expect(await run({ usable, givenUp: async () => ['standby'], continueEvent })).toEqual({ ...nothing, takenOver: 1 });
  expect(continued).toEqual([{ key, contentHash: 'hash of a', cluster: 'main' }]);
  expect(await owners()).toEqual([`main ${key}`]);
  const told: unknown[] = [];
  const refresh: Runs['refresh'] = async (one) => void told.push(one);
  await run({ usable, refresh });
  expect(told).toEqual([]);
  await run({ refresh }); // it is back
  await run({ refresh });
  expect(told).toMatchObject([{ cluster: 'standby', workflowId: 'one-run' }]);
});

it('tells a run later that it could not tell now', async () => {
  await leftAlone('a', 'one-run', 'standby');
  await run({ usable: () => ['main'], givenUp: async () => ['standby'], continueEvent: async () => {} });
  expect(await run({ refresh: () => Promise.reject(new Error('busy')) })).toEqual({ ...nothing, undone: 1 });
  expect(await run({ refresh: async () => {} })).toEqual(nothing);
  expect(await run({})).toEqual(nothing);
});

it('tells a run once more that loses another delivery while it is told', async () => {
  await leftAlone('a', 'one-run', 'standby');
  const down = { usable: () => ['main'], givenUp: async () => ['standby'], continueEvent: async () => {} };
  await run(down);
  const owner = { cluster: 'standby', workflowId: 'one-run' };
  const other = newEvent('b', [null]);
  await overdueAfter(3_600).insertEvents([other], owner);
  let lost: ReturnType<Database['takeOverLost']> | undefined;
  const to = { cluster: 'main', workflowId: null };
  await run({ refresh: async () => void (lost = db.takeOverLost([other.key], ['standby'], to)) });
  expect(await lost).toEqual([{ key: other.key, times: 1 }]);
  const told: string[] = [];
  await run({ refresh: async ({ workflowId }) => void told.push(workflowId) });
  expect(told).toEqual(['one-run']);
});

it('ends the resuming of a subscription whose workflow is gone, once every cluster says so that may have it', async () => {
  await pool.query(`insert into subscription values ('Agent.Ban', '*', 'Agent.Ban', 'persistence', 'resuming')`);
  const state = async () => (await pool.query('select state from subscription')).rows[0].state;
  await run({ usable: () => ['main'], isOpen: async () => false }); // standby does not answer, and is not given up
  expect(await state()).toBe('resuming');
  await run({
    isOpen: async ({ cluster, workflowId }) => cluster === 'standby' && workflowId === 'resume/Agent.Ban/*',
  });
  expect(await state()).toBe('resuming');
  await run({ usable: () => ['main'], givenUp: async () => ['standby'], isOpen: async () => false });
  expect(await state()).toBe('active');
});

it('leaves alone what belongs to a cluster that nobody knows, and names it', async () => {
  await leftAlone('a', 'one-run', 'elsewhere');
  foreign.length = 0;
  expect(await run({})).toEqual(nothing);
  expect(foreign).toEqual(['elsewhere']);
});

it('removes no file of a large event while a run of it may be open on either cluster', async () => {
  const asked: string[] = [];
  const isOpen: Runs['isOpen'] = async ({ cluster }) => asked.push(cluster) > 0 && cluster === 'standby';
  let open: boolean | undefined;
  await run({ isOpen }, {}, async (isOpenAnywhere) => void (open = await isOpenAnywhere('some-run')));
  expect([open, asked]).toEqual([true, ['main', 'standby']]);
});

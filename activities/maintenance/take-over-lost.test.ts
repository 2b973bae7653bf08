import type { Pool } from 'pg';
import type { Database } from '../../db/database';
import { ActivityEnvironment } from '../../tests/activity-environment';
import { useDatabase } from '../../tests/database';
import { ELSEWHERE, newEvent } from '../../tests/new-event';
import type { Runs } from './runs';
import { takeOverLost } from './take-over-lost';

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened), { emptyAfterEach: true });

/** Events of standby, with two pending deliveries each. @returns their keys */
async function lose(count: number): Promise<string[]> {
  const events = Array.from({ length: count }, (_, n) => newEvent(`lost-${n}`, [null, null]));
  await db.insertEvents(events, ELSEWHERE);
  return events.map(({ key }) => key).sort();
}

const nothing = { revived: 0, continued: 0, takenOver: 0, refreshed: 0, undone: 0 };

/** One round on main, while standby is lost. @returns what it counted */
async function run(starts: Pick<Runs, 'continueBatch'> & Partial<Runs>, sweepLimit = 100): Promise<typeof nothing> {
  const unexpected = (): never => {
    throw new Error('not to be called');
  };
  const runs: Runs = {
    here: 'main',
    known: ['main', 'standby'],
    usable: () => ['main'],
    givenUp: async () => ['standby'],
    isOpen: unexpected,
    refresh: unexpected,
    eraseWorkflow: unexpected,
    continueEvent: unexpected,
    findFailing: unexpected,
    restartIfFailing: unexpected,
    wasAskedFor: unexpected,
    ...starts,
  };
  const counts = { ...nothing };
  const deps = { db, runs, sweepLimit };
  await new ActivityEnvironment().run(() => takeOverLost(deps, performance.now() + 30_000, counts));
  return counts;
}

it('gives pending deliveries of a lost cluster to batches, and each event with a parked one to its own run', async () => {
  const keys = await lose(60);
  const parked = newEvent('parked', [{ type: 'Rejected', message: 'no' }]);
  await db.insertEvents([parked], ELSEWHERE);
  const batches: Parameters<Runs['continueBatch']>[0][] = [];
  const alone: string[] = [];
  const swept = await run({
    continueBatch: async (batch) => void batches.push(batch),
    continueEvent: async ({ key }) => void alone.push(key),
  });
  expect(swept).toEqual({ ...nothing, takenOver: 61 });
  expect(alone).toEqual([parked.key]);
  expect(batches.flatMap((batch) => batch.keys).sort()).toEqual(keys);
  expect(batches).toHaveLength(2);
  for (const {
    workflowId,
    cluster,
    keys: [key],
  } of batches) {
    const { rows } = await pool.query(
      'select distinct owner_cluster, owner_workflow_id from delivery where event_key = $1',
      [key],
    );
    expect(rows).toEqual([{ owner_cluster: cluster, owner_workflow_id: workflowId }]);
  }
});

it('takes over no more than may be under way at once, and goes on as that is done', async () => {
  await lose(300);
  let most = 0;
  const swept = await run({
    continueBatch: async ({ keys }) => {
      most = Math.max(most, await db.countTakenOver('main', 10_000));
      await pool.query(
        "update delivery set state = 'delivered', settled_at = now(), look_at = 'infinity' where event_key = any($1)",
        [keys],
      );
    },
  });
  expect(swept).toEqual({ ...nothing, takenOver: 300 });
  expect(most).toBeLessThanOrEqual(510);
});

it('claims again in the same round, also where more may be under way than one claim has', async () => {
  await lose(300);
  expect(await run({ continueBatch: async () => {} }, 1_000)).toEqual({ ...nothing, takenOver: 300 });
});

it('leaves an event that it could not start to a later round, and does not try again at once', async () => {
  await lose(2);
  let tries = 0;
  const swept = await run({
    continueBatch: async () => {
      tries += 1;
      throw new Error('busy');
    },
  });
  expect([swept, tries]).toEqual([{ ...nothing, undone: 2 }, 1]);
});

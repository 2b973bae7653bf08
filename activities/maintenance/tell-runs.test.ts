import { useDatabase, type OpenDatabase } from '../../tests/database';
import { tellRuns } from './tell-runs';

let opened: OpenDatabase;
useDatabase((database) => (opened = database));

it('holds no transaction open while it waits for a cluster, and forgets what was told', async () => {
  const { pool, db } = opened;
  await pool.query("insert into abandoned_run (cluster, workflow_id) values ('standby', 'one-run')");
  const find = () => db.findAbandonedRuns(['standby'], 10);
  const open: unknown[] = [];
  const refresh = async () => {
    const { rows } = await pool.query(
      `select query from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
    );
    open.push(rows);
  };
  expect(await tellRuns(await find(), Infinity, { db, runs: { refresh } })).toBe(0);
  expect(open).toEqual([[]]);
  expect(await find()).toEqual([]);
});

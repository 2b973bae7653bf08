import type { Pool } from 'pg';
import { useDatabase } from '../tests/database';
import { findLostClusters, reportReach } from './cluster-reach';
import { onPool, type Tx } from './tx';

let pool: Pool;
let tx: Tx;
useDatabase(
  (opened) => {
    ({ pool } = opened);
    tx = onPool(pool);
  },
  { emptyAfterEach: true },
);

const report = (cluster: string, reached: boolean) => reportReach(tx, [{ cluster, reached }]);
const lost = () => findLostClusters(tx, ['main', 'standby'], 60);
/** As if all that was written so far had been written so long before. */
const pass = (seconds: number) =>
  pool.query(
    `update cluster_reach set reported_at = reported_at - $1 * interval '1 s', out_since = out_since - $1 * interval '1 s'`,
    [seconds],
  );

/** Reports every few seconds for two minutes. */
async function reportFor(twoMinutesOf: (n: number) => Promise<void>): Promise<void> {
  for (let n = 0; n < 12; n++) {
    await pass(10);
    await twoMinutesOf(n);
  }
}

it('finds a cluster lost that no worker has reached for a minute, and no longer once one reaches it', async () => {
  await report('main', true);
  await reportFor(() => report('main', false));
  expect(await lost()).toEqual(['main']);
  await report('main', true);
  expect(await lost()).toEqual([]);
});

it('finds a cluster lost that none has ever reached', async () => {
  await report('standby', false);
  expect(await lost()).toEqual([]);
  await reportFor(() => report('standby', false));
  expect(await lost()).toEqual(['standby']);
});

it('never finds a cluster lost that one of two workers reaches', async () => {
  await reportFor(async () => {
    await report('main', true);
    await report('main', false);
    expect(await lost()).toEqual([]);
  });
});

it('counts anew after a time without reports, as while the database was down', async () => {
  await reportFor(() => report('main', false));
  await pass(30);
  expect(await lost()).toEqual([]);
  await report('main', false);
  expect(await lost()).toEqual([]);
  await reportFor(() => report('main', false));
  expect(await lost()).toEqual(['main']);
});

it('removes a cluster that no worker has reported on for a day', async () => {
  await report('renamed', true);
  await pass(86_401);
  await report('main', true);
  const { rows } = await pool.query('select cluster from cluster_reach');
  expect(rows).toEqual([{ cluster: 'main' }]);
});

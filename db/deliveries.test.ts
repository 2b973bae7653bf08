import type { Pool } from 'pg';
import { useDatabase } from '../tests/database';
import { ELSEWHERE, HERE, idsOf, newEvent, outcome } from '../tests/new-event';
import { createDatabase, type Database } from './database';
import type { NewEvent } from './insert-events';
import type { Owner } from './owner';
import { createPool } from './pool';
import { showEvent } from './show-event';
import { DatabaseUnavailable } from './tx';

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened));

const insert = (...events: NewEvent[]) => db.insertEvents(events, HERE);
const claim = (ids: readonly string[], owner: Owner) =>
  db.claimDeliveries(ids.map((id) => ({ id, owner, leaseSeconds: 30 })));
const rowOf = async (id: string | undefined) =>
  (await pool.query('select * from delivery where id = $1', [id])).rows[0];

describe('lockDeliveries', () => {
  it('gives a delivery to one transaction at a time and leaves out what others own, what is not due and what is final', async () => {
    const [free, later, done] = [newEvent('lock-free'), newEvent('lock-later'), newEvent('lock-done')];
    await insert(free, later, done);
    await pool.query("update delivery set due_at = now() + interval '1 hour' where id = $1", [idsOf(later)[0]]);
    await db.settleDeliveries([{ ...outcome, id: idsOf(done)[0] ?? '', state: 'delivered' }]);
    const ids = idsOf(free, later, done);
    await db.inTransaction(async (tx) => {
      const taken = await tx.lockDeliveries(ids, HERE);
      expect(taken.map(({ key }) => key)).toEqual([free.key]);
      expect(taken[0]?.event).toEqual({
        id: 'lock-free',
        type: 'Agent.Ban',
        siteId: '7',
        receivedAt: '2026-11-20T10:00:00.000Z',
        data: { agentId: '1' },
      });
      await db.inTransaction(async (other) => expect(await other.lockDeliveries(ids, HERE)).toEqual([]));
    });
    await db.inTransaction(async (tx) => expect(await tx.lockDeliveries(ids, ELSEWHERE)).toEqual([]));
  });

  it('says that a subscription is paused, a site of its own before all sites', async () => {
    await pool.query(`insert into subscription (data_queue, site_id, event_type, consumer, state) values
      ('Queue.0', '*', 'Agent.Ban', 'persistence', 'paused'), ('Queue.1', '*', 'Agent.Ban', 'persistence', 'paused'),
      ('Queue.1', '7', 'Agent.Ban', 'persistence', 'active')`);
    const event = newEvent('paused', [null, null]);
    await insert(event);
    const taken = await db.inTransaction((tx) => tx.lockDeliveries(idsOf(event), HERE));
    expect(Object.fromEntries(taken.map(({ dataQueue, paused }) => [dataQueue, paused]))).toEqual({
      'Queue.0': true,
      'Queue.1': false,
    });
    await pool.query('delete from subscription');
  });
});

describe('claimDeliveries and settleDeliveries', () => {
  it('gives a lease to one claimer only, until it ends', async () => {
    const event = newEvent('lease');
    await insert(event);
    const claims = await Promise.all([1, 2, 3].map(() => claim(idsOf(event), HERE)));
    expect(claims.flat()).toHaveLength(1);
    const [standing] = await db.readStandings(idsOf(event), HERE);
    expect(standing?.waitMs).toBe(10_000); // the send may end sooner than its lease
    await pool.query("update delivery set lease_until = now() - interval '1 s' where id = any($1)", [idsOf(event)]);
    expect(await claim(idsOf(event), HERE)).toHaveLength(1);
  });

  it('takes a failure only from the attempt that holds the lease, a success from anyone, and nothing once it is final', async () => {
    const event = newEvent('zombie');
    await insert(event);
    const [id = ''] = idsOf(event);
    const [zombie] = await claim([id], HERE);
    await pool.query('update delivery set lease_until = now() where id = $1', [id]);
    const [holder] = await claim([id], HERE);
    const failure = { type: 'Rejected', message: 'no', details: {} };
    const park = (leaseToken: string | null | undefined) =>
      db.settleDeliveries([{ ...outcome, id, state: 'parked', leaseToken: leaseToken ?? null, failure }]);
    expect(await park(zombie?.leaseToken)).toEqual([]);
    expect(await park(holder?.leaseToken)).toEqual([id]);
    const late = {
      ...outcome,
      id,
      state: 'delivered' as const,
      leaseToken: zombie?.leaseToken ?? null,
      receipt: { n: 1 },
    };
    expect(await db.settleDeliveries([late])).toEqual([id]);
    expect(await db.settleDeliveries([late])).toEqual([]);
    expect(await rowOf(id)).toMatchObject({ state: 'delivered', receipt: { n: 1 }, failure_type: null, tries: 2 });
  });

  it('notes the run of what was parked and turns out to be delivered, so that it ends', async () => {
    const event = newEvent('late', [null, { type: 'Rejected', message: 'no' }]);
    await insert(event);
    const abandoned = () => db.findAbandonedRuns([HERE.cluster], 10);
    const settle = (id: string) => db.settleDeliveries([{ ...outcome, id, state: 'delivered' }]);
    const [pending = '', parked = ''] = idsOf(event);
    await pool.query('delete from abandoned_run'); // of other tests
    await settle(pending);
    expect(await abandoned()).toEqual([]);
    await settle(parked);
    expect(await abandoned()).toMatchObject([HERE]);
    await pool.query('delete from abandoned_run');
  });

  it('writes an outcome whatever characters the destination put into it', async () => {
    const event = newEvent('characters');
    await insert(event);
    const [id = ''] = idsOf(event);
    await db.saveProgress([{ id, done: { answer: 'a\0b' } }]);
    const failure = { type: 'Unexpected', message: `no\0${'.'.repeat(5_000)}`, details: { code: '\ud800' } };
    const outcomes = [{ ...outcome, id, state: 'parked' as const, failure, receipt: { id: '\udc00' } }];
    expect(await db.settleDeliveries(outcomes)).toEqual([id]);
    expect(await rowOf(id)).toMatchObject({
      progress: { answer: 'a\ufffdb' },
      failure_message: `no\ufffd${'.'.repeat(997)}`,
      failure_details: { code: '\ufffd' },
      receipt: { id: '\ufffd' },
    });
  });

  it('keeps the last twenty attempts, numbered through all redrives', async () => {
    const event = newEvent('attempts');
    await insert(event);
    const [id = ''] = idsOf(event);
    const attempt = { outcome: 'pending', ms: 5, worker: '1@host' } as const;
    for (let i = 0; i < 22; i++) await db.settleDeliveries([{ ...outcome, id, state: 'pending', attempt }]);
    const failure = { type: 'Rejected', message: 'no', details: {} };
    await db.settleDeliveries([{ ...outcome, id, state: 'parked', failure }]); // nothing was sent
    await db.redriveDeliveries({ keys: [event.key], queues: [] }, HERE);
    await db.settleDeliveries([{ ...outcome, id, state: 'delivered', attempt: { ...attempt, outcome: 'delivered' } }]);
    const { tries, attempts } = await rowOf(id);
    expect(tries).toBe(1);
    expect(attempts.map(({ n }: { n: number }) => n)).toEqual(Array.from({ length: 20 }, (_, i) => i + 4));
    expect(attempts.at(-1)).toEqual({ n: 23, at: expect.any(String), outcome: 'delivered', ms: 5, worker: '1@host' });
    expect((await showEvent(db, event.key))?.deliveries).toMatchObject([{ tries: 23, attempts }]);
  });

  it('gives what a batch parks to the own workflow of its event, for the sweep to find at once', async () => {
    const event = newEvent('batch');
    await insert(event);
    const [id = ''] = idsOf(event);
    const failure = { type: 'Rejected', message: 'no', details: { sqlState: '23514' } };
    await db.settleDeliveries([{ ...outcome, id, state: 'parked', failure, handOverTo: 'main' }]);
    expect(await rowOf(id)).toMatchObject({ owner_workflow_id: event.key, failure_details: { sqlState: '23514' } });
    const of = (cluster: string) => ({ usable: [cluster], givenUp: [] });
    expect(await db.claimLeftAlone(of('standby'), 100)).toEqual([]);
    expect(await db.claimLeftAlone(of('main'), 100)).toEqual([
      {
        key: event.key,
        contentHash: event.contentHash,
        owner: { cluster: 'main', workflowId: event.key },
        late: true,
        parked: true,
        lookAt: expect.any(Date),
        siteId: '7',
      },
    ]);
    expect(await db.claimLeftAlone(of('main'), 100)).toEqual([]);
  });
});

describe('redriveDeliveries and discardDeliveries', () => {
  it('change only what is parked, named and owned', async () => {
    const why = { type: 'Rejected', message: 'no' };
    const event = newEvent('signals', [why, why, null, { type: 'Paused', message: 'later' }]);
    await insert(event);
    const keys = [event.key];
    expect(await db.redriveDeliveries({ keys, queues: [] }, ELSEWHERE)).toBe(0);
    expect(await db.redriveDeliveries({ keys, queues: ['Queue.1'] }, HERE)).toBe(1);
    expect(await db.redriveDeliveries({ keys, queues: [] }, HERE)).toBe(1);
    expect(await db.discardDeliveries({ keys, queues: [] }, HERE)).toBe(0);
    const states = async () => (await db.readDeliveries(keys))[0]?.deliveries.map(({ state }) => state);
    expect(await states()).toEqual(['pending', 'pending', 'pending', 'parked']);
    await claim(idsOf(event), HERE);
    expect(await db.discardDeliveries({ keys, queues: ['Queue.0'] }, HERE)).toBe(1);
    await pool.query('update delivery set lease_until = null, lease_token = null');
    expect(await db.discardDeliveries({ keys, queues: ['Queue.0'] }, HERE)).toBe(0);
    expect(await states()).toEqual(['discarded', 'pending', 'pending', 'parked']);
  });
});

it('redrives what may have arrived only by name, and forgets then what was sent without an answer', async () => {
  const event = newEvent('unconfirmed', [
    { type: 'Unconfirmed', message: 'sent, no answer' },
    { type: 'Rejected', message: 'no' },
  ]);
  await insert(event);
  const progress = { 'accepted.a': 250, unanswered: { b: 2 } };
  await pool.query('update delivery set progress = $1 where event_key = $2', [progress, event.key]);
  const keys = [event.key];
  const rows = async () =>
    (await pool.query('select state, progress from delivery where event_key = $1 order by label', keys)).rows;
  expect(await db.redriveDeliveries({ keys, queues: [] }, HERE)).toBe(1);
  expect(await rows()).toEqual([
    { state: 'parked', progress },
    { state: 'pending', progress },
  ]);
  expect(await db.redriveDeliveries({ keys, queues: ['Queue.0'] }, HERE)).toBe(1);
  expect((await rows())[0]).toEqual({ state: 'pending', progress: { 'accepted.a': 250 } });
});

it('says of a delivery that was woken how long its activity waits, unless that comes back within seconds by itself', async () => {
  const event = newEvent('woken', [null, null]);
  await insert(event);
  const [soon, later = ''] = idsOf(event);
  await pool.query(
    "update delivery set due_at = now() + case id when $1 then interval '4 seconds' else interval '1 hour' end where event_key = $2",
    [soon, event.key],
  );
  const keys = [event.key];
  expect(await db.redriveDeliveries({ keys, queues: [] }, HERE)).toBe(2);
  const woken = async () => (await db.readDeliveries(keys))[0]?.deliveries.map((row) => row.woken);
  expect(await woken()).toEqual([null, expect.any(Number)]);
  await claim([later], HERE);
  expect(await woken()).toEqual([null, null]);
});

describe('transaction', () => {
  it('tells a database that is not there from one that answers with an error', async () => {
    const nowhere = createPool('postgresql://nobody@127.0.0.1:1/none');
    await expect(createDatabase(nowhere).inTransaction(async () => {})).rejects.toThrow(DatabaseUnavailable);
    await nowhere.end();
    await expect(db.inTransaction((tx) => tx.query('select 1/0'))).rejects.toMatchObject({ code: '22012' });
    const killed = db.inTransaction((tx) => tx.query('select pg_terminate_backend(pg_backend_pid())'));
    await expect(killed).rejects.toMatchObject({ code: '57P01' });
    expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});

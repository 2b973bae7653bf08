import type { Pool } from 'pg';
import { useDatabase } from '../tests/database';
import { ELSEWHERE, HERE, idsOf, newEvent, outcome } from '../tests/new-event';
import { createDatabase, type Database } from './database';
import type { NewEvent } from './insert-events';

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened));

const insert = (...events: NewEvent[]) => db.insertEvents(events, HERE);
/** The sweep looks at once at the deliveries that this inserts. */
const dueNow = () => createDatabase(pool, { overdueAfterSeconds: 0 });
const rowOf = async (id: string | undefined) =>
  (await pool.query('select * from delivery where id = $1', [id])).rows[0];

describe('the sweep', () => {
  it('marks the connection whose credentials were refused, with the reason', async () => {
    const { rows } = await pool.query(
      `insert into connection (site_id, consumer, name, config) select '7', 'webhook', n::text, '{}' from generate_series(1, 2) n
       returning id`,
    );
    const event = newEvent('broken', [null, null]);
    await insert(event);
    const ids = idsOf(event);
    await pool.query('update delivery set connection_id = $1 where id = any($2)', [rows[0].id, ids]);
    const failure = { type: 'ConnectionBroken', message: 'SMTP answered 535.', details: {} };
    const outcomes = ids.map((id) => ({ ...outcome, id, state: 'parked' as const, failure }));
    expect(await db.settleDeliveries(outcomes)).toHaveLength(2);
    const states = await pool.query(
      'select state, broken_reason, broken_since is null as never from connection order by name',
    );
    expect(states.rows).toEqual([
      { state: 'broken', broken_reason: 'SMTP answered 535.', never: false },
      { state: 'ok', broken_reason: null, never: true },
    ]);
    const revive = () => db.reviveDeliveries({ here: 'main', usable: ['main'] }, ['persistence'], 100);
    expect(await revive()).toEqual([]);
    await pool.query("update connection set state = 'ok'");
    expect(await revive()).toEqual([{ key: event.key, contentHash: event.contentHash, cluster: 'main' }]);
    await pool.query('delete from connection');
    await pool.query('delete from abandoned_run');
  });

  it('revives what was paused once its subscription is active, oldest first and within the limit', async () => {
    const paused = { type: 'Paused', message: 'later' };
    const events = ['one', 'two', 'three'].map((id) => newEvent(`revive-${id}`, [paused]));
    for (const event of events) await insert(event);
    const subscription = (site: string, state: string) =>
      pool.query(
        "insert into subscription values ('Queue.0', $1, 'Agent.Ban', 'persistence', $2) on conflict (data_queue, site_id) do update set state = $2",
        [site, state],
      );
    await subscription('*', 'active');
    await subscription('7', 'paused');
    const revive = async (...consumers: string[]) =>
      (await db.reviveDeliveries({ here: 'main', usable: ['main'] }, consumers, 2)).map(({ key }) => key);
    expect(await revive('persistence')).toEqual([]);
    await subscription('7', 'active');
    expect(await revive('another')).toEqual([]); // nobody here could deliver it
    expect(await revive('persistence')).toEqual([events[0]?.key, events[1]?.key].sort());
    await pool.query('delete from subscription'); // what is not there is not paused
    expect(await revive('persistence')).toEqual([events[2]?.key]);
    expect(await rowOf(idsOf(...events)[0])).toMatchObject({ state: 'pending', owner_workflow_id: events[0]?.key });
  });

  it('takes over only from the owner that it asked, or from a lost cluster, whose run it notes, as that may be open', async () => {
    const event = newEvent('take-over');
    await insert(event);
    const take = (lost: string) => db.takeOverLost([event.key], [lost], { cluster: 'here', workflowId: 'batch' });
    const abandoned = () => db.findAbandonedRuns(['main', 'here'], 10);
    expect(await take(ELSEWHERE.cluster)).toEqual([]);
    expect(await abandoned()).toEqual([]);
    expect(await take(HERE.cluster)).toEqual([{ key: event.key, times: 1 }]);
    expect(await take(HERE.cluster)).toEqual([]);
    expect(await db.countTakenOver('here', 10)).toBe(1);
    const noted = await abandoned();
    expect(noted).toMatchObject([HERE]);
    for (const run of noted) await db.forgetAbandonedRun(run);
    const again = (workflowId: string) => db.takeOver(event.key, { cluster: 'here', workflowId }, 'here');
    expect(await again('another')).toBe(0);
    expect(await again('batch')).toBe(1);
    expect(await rowOf(idsOf(event)[0])).toMatchObject({ owner_workflow_id: event.key });
    expect(await abandoned()).toEqual([]);
    await pool.query('delete from event');
  });

  it('claims of a cluster that is given up all that holds a run open, of the others what is overdue', async () => {
    const paused = { type: 'Paused', message: 'later' };
    const failed = { type: 'Rejected', message: 'no' };
    const [mine, theirs] = [newEvent('mine', [null]), newEvent('theirs', [null, failed, paused])];
    await insert(mine);
    await db.insertEvents([theirs], ELSEWHERE);
    const claim = async (usable: string[], givenUp: string[]) =>
      (await db.claimLeftAlone({ usable, givenUp }, 10)).map(({ key, owner }) => [key, owner]);
    expect(await claim(['main', 'standby'], [])).toEqual([]);
    expect(await claim(['main'], ['standby'])).toEqual([[theirs.key, ELSEWHERE]]);
    const looked = await pool.query('select looks from delivery where event_key = $1 order by label', [theirs.key]);
    expect(looked.rows).toEqual([{ looks: 1 }, { looks: 1 }, { looks: 0 }]);
    expect(await db.findForeignOwners(['main'])).toEqual(['standby']);
    expect(await db.findForeignOwners(['main', 'standby'])).toEqual([]);
    await pool.query('delete from event');
  });

  it('has the run of a parked delivery told twice, and then only looks whether it is open', async () => {
    await insert(newEvent('parked', [{ type: 'Rejected', message: 'no' }]));
    const late: boolean[] = [];
    for (let look = 1; look <= 4; look++) {
      await pool.query("update delivery set look_at = now(), due_at = now() - interval '1 day'");
      const claimed = await db.claimLeftAlone({ usable: ['main'], givenUp: [] }, 10);
      late.push(...claimed.map((one) => one.late));
    }
    expect(late).toEqual([true, true, false, false]);
    await pool.query('delete from event');
  });

  it('claims of each cluster as many, however many the other has left behind', async () => {
    const many = Array.from({ length: 10 }, (_, i) => newEvent(`many-${i}`));
    const few = newEvent('few');
    for (const event of many) await dueNow().insertEvents([event], ELSEWHERE);
    await dueNow().insertEvents([few], HERE);
    const claimed = await db.claimLeftAlone({ usable: ['main'], givenUp: ['standby'] }, 4);
    expect(claimed).toHaveLength(4);
    expect(claimed.map(({ key }) => key)).toContain(few.key);
    await pool.query('delete from event');
  });

  it('claims by site in turn, however many one of them has left behind before the others', async () => {
    const of = (site: string, id: string): NewEvent => ({
      ...newEvent(id),
      siteId: site,
      key: `Agent.Ban/${site}/${id}`,
    });
    const many = Array.from({ length: 40 }, (_, i) => of('8', `many-${i}`));
    const others = ['7', '9', '10'].map((site) => of(site, 'one'));
    for (const owner of [HERE, ELSEWHERE]) {
      await dueNow().insertEvents([...many, ...others], owner);
      await pool.query("update delivery set look_at = look_at - interval '1 hour' where site_id = '8'");
      const claimed = await db.claimLeftAlone({ usable: ['main'], givenUp: ['standby'] }, 10);
      expect(claimed).toHaveLength(10);
      expect(claimed.map(({ key }) => key)).toEqual(expect.arrayContaining(others.map(({ key }) => key)));
      const rest = await db.claimLeftAlone({ usable: ['main'], givenUp: [] }, 100);
      expect(rest).toHaveLength(owner === HERE ? 33 : 0); // a site that is alone has the whole round
      await pool.query('delete from event');
    }
  });

  it('takes nothing over again at once, so that workers with opposite views do not swap it for ever', async () => {
    const event = newEvent('swapped', [{ type: 'Rejected', message: 'no' }]);
    await insert(event);
    const claim = (givenUp: string) => db.claimLeftAlone({ usable: [], givenUp: [givenUp] }, 10);
    const take = async (from: string, to: string) =>
      (await db.takeOverLost([event.key], [from], { cluster: to, workflowId: null }))[0]?.times;
    const keptFor = async () => {
      const text = 'select round(extract(epoch from kept_until - now()) / 60)::int as minutes from delivery';
      return (await pool.query(text)).rows[0].minutes;
    };
    const letGo = (ago: string) => pool.query('update delivery set kept_until = now() - $1::interval', [ago]);
    expect(await take('main', 'standby')).toBe(1);
    expect(await keptFor()).toBe(2);
    expect(await claim('standby')).toEqual([]);
    expect(await take('standby', 'main')).toBeUndefined();
    await letGo('1 second');
    expect(await claim('standby')).toHaveLength(1);
    expect(await take('standby', 'main')).toBe(2);
    expect(await keptFor()).toBe(4);
    expect(await db.takeOver(event.key, { cluster: 'main', workflowId: event.key }, 'standby')).toBe(1); // its run is closed: at once
    expect(await keptFor()).toBe(4);
    await letGo('25 hours');
    expect(await take('standby', 'main')).toBe(1);
    await pool.query('delete from event');
    await pool.query('delete from abandoned_run');
  });
});

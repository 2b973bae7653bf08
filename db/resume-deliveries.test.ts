import type { Pool } from 'pg';
import { useDatabase } from '../tests/database';
import { idsOf, newEvent } from '../tests/new-event';
import type { Database } from './database';

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened), { emptyAfterEach: true });

const HERE = { here: 'main', usable: ['main'] };
const LATER = new Date(Date.now() + 3_600_000).toISOString();

/** One event per name, with one delivery that is parked for `type`. */
async function parked(type: string, ...names: string[]): Promise<void> {
  for (const name of names) {
    const event = newEvent(name, [{ type, message: 'why' }]);
    await db.insertEvents([event], { cluster: 'standby', workflowId: 'run' });
    expect(idsOf(event)).toHaveLength(1);
  }
}

const redrive = async (
  selection: { failure?: string; queue?: string; eventType?: string; siteId?: string },
  limit = 10,
) =>
  (await db.resumeDeliveries({ before: LATER, ...selection }, HERE, limit)).events.map(({ key }) =>
    key.replace('Agent.Ban/7/', ''),
  );

it('takes the oldest first, and each once', async () => {
  await parked('Unavailable', 'c', 'a', 'b');
  expect(await redrive({}, 2)).toEqual(['c', 'a']);
  expect(await redrive({}, 2)).toEqual(['b']);
  expect(await redrive({}, 2)).toEqual([]);
  const { rows } = await pool.query('select distinct state, tries, owner_cluster from delivery');
  expect(rows).toEqual([{ state: 'pending', tries: 0, owner_cluster: 'main' }]);
});

it.each(['Rejected', 'Unconfirmed'])('leaves %s alone unless it is named', async (failure) => {
  await parked(failure, 'a');
  expect(await redrive({})).toEqual([]);
  expect(await db.discardParked({ before: LATER }, 10)).toMatchObject({ changed: 0 });
  expect(await redrive({ failure })).toEqual(['a']);
});

it.each([[{ queue: 'Queue.1' }], [{ eventType: 'Agent_Ban' }], [{ siteId: '8' }], [{ failure: 'Unexpected' }]])(
  'takes nothing for %j',
  async (selection) => {
    await parked('Unavailable', 'a');
    expect(await redrive(selection)).toEqual([]);
    expect(await redrive({ queue: 'Queue.0', eventType: 'Agent.Ban', siteId: '7', failure: 'Unavailable' })).toEqual([
      'a',
    ]);
  },
);

it('leaves what was parked later', async () => {
  await parked('Unavailable', 'a');
  const before = new Date(Date.now() - 3_600_000).toISOString();
  expect((await db.resumeDeliveries({ before }, HERE, 10)).changed).toBe(0);
});

it('leaves what a paused subscription holds, also where only the site has paused it', async () => {
  await parked('Paused', 'a');
  const set = (site: string, state: string) =>
    pool.query(
      `insert into subscription values ('Queue.0', $1, 'Agent.Ban', 'persistence', $2)
       on conflict (data_queue, site_id) do update set state = $2`,
      [site, state],
    );
  await set('*', 'resuming');
  await set('7', 'paused');
  expect(await redrive({ failure: 'Paused' })).toEqual([]);
  await set('7', 'resuming');
  expect(await db.reviveDeliveries(HERE, ['persistence'], 10)).toEqual([]); // the workflow's
  expect(await redrive({ failure: 'Paused' })).toEqual(['a']);
});

it('counts and discards what is selected', async () => {
  await parked('Unavailable', 'a', 'b');
  await parked('Rejected', 'c');
  await parked('Paused', 'd');
  const counted = [{ dataQueue: 'Queue.0', failure: 'Unavailable', deliveries: 2 }];
  expect(await db.countParked({ before: LATER }, 'discard')).toEqual(counted);
  expect(await db.discardParked({ before: LATER }, 10)).toMatchObject({ changed: 2 });
  const { rows } = await pool.query('select state, count(*) from delivery group by 1 order by 1');
  expect(rows).toEqual([
    { state: 'discarded', count: 2 },
    { state: 'parked', count: 2 },
  ]);
  // What only waits for its subscription is given up by name alone.
  expect(await db.discardParked({ before: LATER, failure: 'Paused' }, 10)).toMatchObject({ changed: 1 });
});

it('counts for a redrive what a redrive would take', async () => {
  await parked('Paused', 'held');
  await pool.query("insert into subscription values ('Queue.0', '*', 'Agent.Ban', 'persistence', 'paused')");
  expect(await db.countParked({ before: LATER, failure: 'Paused' }, 'redrive')).toEqual([]);
  await pool.query("update subscription set state = 'active'");
  const counted = [{ dataQueue: 'Queue.0', failure: 'Paused', deliveries: 1 }];
  expect(await db.countParked({ before: LATER, failure: 'Paused' }, 'redrive')).toEqual(counted);
});

it('leaves an event with its cluster, if that can be called, and notes the run that loses it', async () => {
  await parked('Unavailable', 'a', 'b');
  const redriveOne = (...usable: string[]) =>
    db.resumeDeliveries({ before: LATER }, { here: 'main', usable: ['main', ...usable] }, 1);
  const abandoned = () => db.findAbandonedRuns(['main', 'standby'], 10);
  expect((await redriveOne('standby')).events).toMatchObject([{ key: 'Agent.Ban/7/a', cluster: 'standby' }]);
  for (const run of await abandoned()) await db.forgetAbandonedRun(run);
  expect((await redriveOne()).events).toMatchObject([{ key: 'Agent.Ban/7/b', cluster: 'main' }]);
  expect(await abandoned()).toMatchObject([{ cluster: 'standby', workflowId: 'run' }]);
});

it('notes no run for what is paused, as that holds none open', async () => {
  await parked('Paused', 'a');
  expect(await redrive({ failure: 'Paused' })).toEqual(['a']);
  expect(await db.findAbandonedRuns(['main', 'standby'], 10)).toEqual([]);
});

it('notes the runs whose deliveries it discards', async () => {
  await parked('Unavailable', 'a', 'b');
  const run = { cluster: 'standby', workflowId: 'run' };
  const discarded = await db.discardParked({ before: LATER }, 10);
  expect(discarded).toMatchObject({ changed: 2, abandoned: [run] });
  expect(await db.findAbandonedRuns(['standby'], 10)).toEqual(discarded.abandoned);
});

it('has deliveries that wait sent at once, oldest first, and leaves those that came later', async () => {
  for (const name of ['a', 'b', 'c']) {
    const event = newEvent(name);
    await db.insertEvents([event], { cluster: 'main', workflowId: event.key });
  }
  await pool.query(
    `update delivery set due_at = now() + interval '1 hour', created_at = now() - interval '1 minute' *
       case event_key when 'Agent.Ban/7/a' then 3 when 'Agent.Ban/7/b' then 2 else 0 end`,
  );
  const until = new Date(Date.now() - 60_000).toISOString();
  const first = await db.wakeWaiting({}, ['main'], { after: undefined, until }, 1);
  expect(first).toMatchObject({ changed: 1, events: [{ key: 'Agent.Ban/7/a' }] });
  const rest = await db.wakeWaiting({}, ['main'], { after: first.last, until }, 10);
  expect(rest).toMatchObject({ changed: 1, events: [{ key: 'Agent.Ban/7/b' }] });
  expect(await db.wakeWaiting({}, ['main'], { after: rest.last, until }, 10)).toMatchObject({ changed: 0 });
});

it('says what it leaves out, and why', async () => {
  await parked('Rejected', 'a');
  await parked('Paused', 'b', 'c');
  await parked('Unavailable', 'd', 'e');
  await pool.query(`insert into subscription (data_queue, site_id, event_type, consumer, state)
    values ('Queue.0', '*', 'Agent.Ban', 'persistence', 'paused')`);
  await pool.query("update delivery set settled_at = now() + interval '1 day' where event_key = 'Agent.Ban/7/e'");
  await pool.query(
    "update delivery set state = 'pending', due_at = now() + interval '5 minutes' where event_key = 'Agent.Ban/7/c'",
  );
  const left = async (action: 'redrive' | 'discard', failure?: string) =>
    (await db.countLeftOut({ before: LATER, failure }, action)).map(({ failure: of, why, deliveries }) => [
      of,
      why,
      +deliveries,
    ]);
  expect(await left('redrive')).toEqual([
    ['Paused', 'its batch tries it again within minutes', 1],
    ['Paused', 'its subscription is paused; resume that', 1],
    ['Rejected', 'taken only if the failure is named', 1],
    ['Unavailable', 'parked after the time that was given', 1],
  ]);
  expect(await left('discard')).toEqual([
    ['Paused', 'taken only if the failure is named', 1],
    ['Rejected', 'taken only if the failure is named', 1],
    ['Unavailable', 'parked after the time that was given', 1],
  ]);
  expect(await left('redrive', 'Rejected')).toEqual([]);
  expect(await db.countParked({ before: LATER }, 'redrive')).toMatchObject([{ failure: 'Unavailable' }]);
});

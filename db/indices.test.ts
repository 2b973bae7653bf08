import type { Pool } from 'pg';
import { createDatabase as createTestDatabase, type TestDatabase } from '../tests/database';
import { listConnections } from './connections';
import { withStatements } from './database';
import { createPool } from './pool';
import { findEvents, findEventsById } from './find-events';
import { findNextAccounted } from './read-account';
import { showEvent } from './show-event';
import { listSubscriptions } from './subscriptions';
import type { Tx } from './tx';

const EVENTS = 100_000;
const HERE = { here: 'main', usable: ['main', 'standby'] };

let test: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  test = await createTestDatabase();
  pool = createPool(test.url, { statementTimeoutMs: 60_000, forLookUps: true });
  await pool.query(`insert into subscription (data_queue, site_id, event_type, consumer)
    select 'Queue.' || n, '*', 'Agent.Ban', 'persistence' from generate_series(1, 24) n`);
  await pool.query(
    `insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, cluster, workflow_id)
     select 'Agent.Ban/' || n % 100 || '/' || n, 'Agent.Ban', n % 100, n, now(), '{}', 'h', 1, 'main', 'w' from generate_series(1, $1) n`,
    [EVENTS],
  );
  await pool.query(
    `insert into delivery (id, event_key, data_queue, label, consumer, site_id, state, owner_cluster, owner_workflow_id,
                           look_at, settled_at, failure_type)
     select lpad(to_hex(n), 32, '0')::uuid, 'Agent.Ban/' || n % 100 || '/' || n, 'Queue.' || n % 24 + 1, 'l', 'persistence', n % 100,
            case n % 1000 when 0 then 'pending' when 1 then 'parked' else 'delivered' end, 'main', 'w',
            now() + interval '1 hour', now(), case n % 1000 when 1 then 'Paused' end
     from generate_series(1, $1) n`,
    [EVENTS],
  );
  await pool.query('analyze');
}, 120_000);

afterAll(async () => {
  await pool.end();
  await test.drop();
});

/** Records the plan of every statement instead of its rows. */
function explaining(plans: string[]): Tx {
  return {
    query: async (text, values) => {
      const { rows } = await pool.query(`explain ${text}`, values && [...values]);
      plans.push(rows.map((row) => Object.values(row as object).join()).join('\n'));
      return { rows: [], rowCount: 0 };
    },
  };
}

it('finds what every statement of the hot path and of the sweep looks for by an index, at 100,000 events', async () => {
  const plans: string[] = [];
  const db = withStatements(explaining(plans));
  const owner = { cluster: 'main', workflowId: 'w' };
  const keys = Array.from({ length: 100 }, (_, i) => `Agent.Ban/${i}/${i + 100}`);
  const ids = keys.map((_, i) => (i + 100).toString(16).padStart(32, '0'));
  await db.readDeliveries(keys);
  await db.lockDeliveries(ids, owner);
  await db.claimDeliveries(ids.map((id) => ({ id, owner, leaseSeconds: 30 })));
  await db.readStandings(ids, owner);
  const outcome = {
    state: 'delivered',
    leaseToken: null,
    tries: 1 as const,
    delayMs: 0,
    failure: null,
    receipt: null,
    slotReserved: false,
    connectionEdition: null,
  } as const;
  await db.settleDeliveries(ids.map((id) => ({ ...outcome, id })));
  await db.redriveDeliveries({ keys, queues: [] }, owner);
  await db.makeDue(ids, owner);
  await db.discardDeliveries({ keys, queues: [] }, owner);
  await db.handOverDeliveries(keys, owner);
  await db.takeOver(keys[0] ?? '', owner, 'main');
  await db.takeOverLost(keys, ['main'], { cluster: 'standby', workflowId: null });
  await db.countTakenOver('main', 1_000);
  await db.lookLater(owner, [new Date()], ['7']);
  await db.lookAgain(keys);
  await db.claimLeftAlone({ usable: ['standby'], givenUp: ['main'] }, 100);
  await db.findForeignOwners(['main']);
  await db.reviveDeliveries(HERE, ['persistence'], 100);
  await db.readAttachments(keys[0] ?? '');
  await db.saveProgress([{ id: ids[0] ?? '', done: {} }]);
  await db.findFreeDeliveries(ids, owner);
  expect(plans).toHaveLength(20);
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (event|delivery)/);
});

it('finds what operators ask for by an index, at 100,000 events', async () => {
  const plans: string[] = [];
  const db = withStatements(explaining(plans));
  for (const selection of [{}, { failure: 'Rejected', queue: 'Queue.1' }, { siteId: '7', eventType: 'Agent.Ban' }]) {
    const parked = { before: '2030-01-01T00:00:00Z', ...selection };
    await db.resumeDeliveries(parked, HERE, 100);
    await db.discardParked(parked, 100);
    await db.countParked(parked, 'redrive');
    await db.countParked(parked, 'discard');
    await db.countLeftOut(parked, 'redrive');
    await db.countLeftOut(parked, 'discard');
    await db.wakeWaiting(selection, ['main'], { after: undefined, until: parked.before }, 100);
    await db.countWaiting(selection);
  }
  const hash = '00000000-0000-4000-8000-000000000001';
  await findEventsById(db, { hashes: { chat: hash }, record: '500A1', keys: ['Agent.Ban/7/107'] }, {}, 50);
  for (const state of ['parked', 'pending', 'none'] as const) await findEvents(db, { siteId: '7', state }, 50);
  await db.findWithoutIds({}, 100);
  await db.fillIds([{ key: 'Agent.Ban/7/107', ids: [hash] }]);
  await listConnections(db, {});
  await showEvent(db, 'Agent.Ban/7/107');
  await listSubscriptions(db);
  await findNextAccounted(db, { types: ['Agent.Ban'], from: '1970-01-01T00:00:00Z', to: '9999-01-01T00:00:00Z' });
  expect(plans).toHaveLength(34);
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (event|delivery)/);
});

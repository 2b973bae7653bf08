import type { Pool } from 'pg';
import { createDatabase as createTestDatabase, type TestDatabase } from '../tests/database';
import { withStatements, type Statements } from './database';
import { createPool } from './pool';
import type { Tx } from './tx';
import { wakeDeliveries } from './wake-deliveries';

const BACKLOG = 40_000;
const HERE = { here: 'main', usable: ['main'] };
/** What a statement may look at for 100 deliveries, whatever waits. */
const FEW = 3_000;

let test: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  test = await createTestDatabase();
  pool = createPool(test.url, { statementTimeoutMs: 60_000, forLookUps: true });
  await pool.query(
    `insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, cluster, workflow_id)
     select 'Agent.Ban/' || n % 100 || '/' || n, 'Agent.Ban', n % 100, n, now(), '{}', 'h', 1, 'main', 'w' from generate_series(1, $1) n`,
    [BACKLOG],
  );
  await pool.query(`insert into connection (id, site_id, consumer, name, config, state, broken_reason, broken_since)
    select gen_random_uuid(), n, 'webhook', 'w', '{}', 'broken', 'why', now() from generate_series(1, 100) n`);
  // Every other one waits for its subscription, the rest for their connections.
  await pool.query(
    `insert into delivery (id, event_key, data_queue, label, consumer, site_id, connection_id, state, owner_cluster,
                           owner_workflow_id, look_at, settled_at, failure_type, created_at)
     select gen_random_uuid(), 'Agent.Ban/' || n % 100 || '/' || n, 'Queue', 'Queue', 'webhook', n % 100,
            case n % 2 when 0 then c.id end, 'parked', 'main', 'w',
            'infinity', now(), case n % 2 when 0 then 'ConnectionBroken' else 'Paused' end, now() - n * interval '1 s'
     from generate_series(1, $1) n join connection c on c.site_id = (n / 2 % 100 + 1)::text`,
    [BACKLOG],
  );
}, 120_000);

afterAll(async () => {
  await pool.end();
  await test.drop();
});

interface Node {
  readonly Plans?: readonly Node[];
  readonly [name: string]: unknown;
}

const rowsOf = (node: Node): number => {
  const own =
    (Number(node['Actual Rows']) + Number(node['Rows Removed by Filter'] ?? 0)) * Number(node['Actual Loops']);
  return Math.max(own, ...(node.Plans ?? []).map(rowsOf));
};

/** Most rows that a part of the statement has looked at; it changes nothing. */
async function looksAt(work: (db: Statements) => Promise<unknown>): Promise<number> {
  let most = 0;
  const explaining: Tx = {
    query: async (text, values) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const { rows } = await client.query(`explain (analyze, format json) ${text}`, values && [...values]);
        most = Math.max(most, rowsOf(rows[0]['QUERY PLAN'][0].Plan));
        return { rows: [], rowCount: 0 };
      } finally {
        await client.query('rollback');
        client.release();
      }
    },
  };
  await work(withStatements(explaining));
  return most;
}

const subscription = (state: string) =>
  pool.query(
    `insert into subscription values ('Queue', '*', 'Agent.Ban', 'webhook', $1)
     on conflict (data_queue, site_id) do update set state = $1`,
    [state],
  );

it('looks at few rows for what has its id or key, however large the backlog that the statistics do not know', async () => {
  await pool.query(`insert into delivery (id, event_key, data_queue, label, consumer, site_id, state, owner_cluster, owner_workflow_id, look_at)
    select lpad(to_hex(n), 32, '0')::uuid, 'Agent.Ban/' || n % 100 || '/' || n, 'Queue', 'Queue#2', 'webhook', n % 100, 'pending', 'main', 'w', now()
    from generate_series(1, 20000) n`);
  const ids = [1, 2, 3].map((n) => n.toString(16).padStart(32, '0'));
  const keys = [1, 2, 3].map((n) => `Agent.Ban/${n}/${n}`);
  const owner = { cluster: 'main', workflowId: 'w' };
  const outcome = { state: 'delivered', leaseToken: null, tries: 1, delayMs: 0, failure: null, receipt: null } as const;
  const outcomes = ids.map((id) => ({
    ...outcome,
    id,
    slotReserved: false,
    connectionEdition: null,
  }));
  const statements: ((db: Statements) => Promise<unknown>)[] = [
    (db) => db.lockDeliveries(ids, owner),
    (db) => db.claimDeliveries(ids.map((id) => ({ id, owner, leaseSeconds: 30 }))),
    (db) => db.findFreeDeliveries(ids, owner),
    (db) => db.readStandings(ids, owner),
    (db) => db.settleDeliveries(outcomes),
    (db) => db.saveProgress([{ id: ids[0] ?? '', done: {} }]),
    (db) => db.redriveDeliveries({ keys, queues: [] }, owner),
    (db) => db.discardDeliveries({ keys, queues: [] }, owner),
    (db) => db.handOverDeliveries(keys, owner),
    (db) => db.takeOver(keys[0] ?? '', owner, 'standby'),
    (db) => db.takeOverLost(keys, ['main'], { cluster: 'standby', workflowId: 'batch' }),
    (db) => db.countTakenOver('standby', 1_000),
    (db) => db.readDeliveries(keys),
    (db) => wakeDeliveries(db, '00000000-0000-0000-0000-000000000000', 1_000),
  ];
  for (const statement of statements) expect(await looksAt(statement)).toBeLessThan(100);
  await pool.query("delete from delivery where state = 'pending'");
  await pool.query('analyze'); // for the tests below
});

it.each(['paused', 'active'])('looks at few rows of a large backlog when its subscription is %s', async (state) => {
  await subscription(state);
  expect(await looksAt((db) => db.reviveDeliveries(HERE, ['webhook'], 100))).toBeLessThan(FEW);
});

it('looks at few rows of a large backlog when its connections are mended', async () => {
  await subscription('paused');
  await pool.query("update connection set state = 'ok'");
  expect(await looksAt((db) => db.reviveDeliveries(HERE, ['webhook'], 100))).toBeLessThan(FEW);
});

it.each([{}, { failure: 'Paused' }, { failure: 'Paused', queue: 'Queue' }, { siteId: '7' }])(
  'looks at few rows of a large backlog when an operator takes 100 of %j',
  async (selection) => {
    await subscription('resuming');
    const parked = { before: '2030-01-01T00:00:00Z', ...selection };
    expect(await looksAt((db) => db.resumeDeliveries(parked, HERE, 100))).toBeLessThan(FEW * 10);
    expect(await looksAt((db) => db.discardParked(parked, 100))).toBeLessThan(FEW * 10);
  },
);

it('looks at few rows of a cluster that is given up with a large backlog, and to find clusters that nobody knows', async () => {
  await pool.query("update delivery set look_at = now() + interval '1 hour'");
  await pool.query('analyze');
  const from = { usable: ['standby'], givenUp: ['main'] };
  expect(await looksAt((db) => db.claimLeftAlone(from, 100))).toBeLessThan(FEW);
  expect(await looksAt((db) => db.findForeignOwners(['main']))).toBeLessThan(FEW);
});

it('looks at few rows when one site has left a large backlog behind and a hundred others a little', async () => {
  await pool.query("update delivery set look_at = now() - interval '1 hour', site_id = '7' where site_id::int > 1");
  await pool.query("update delivery set site_id = 'other ' || right(event_key, 2) where site_id <> '7'");
  const claim = (db: Statements) => db.claimLeftAlone({ usable: ['main'], givenUp: ['standby'] }, 100);
  expect(await looksAt(claim)).toBeLessThan(FEW); // by statistics from before
  await pool.query('analyze');
  expect(await looksAt(claim)).toBeLessThan(FEW);
  const { rows } = await pool.query(
    'select min(event_key) as key, site_id as site from delivery group by 2 order by 2 limit 2',
  );
  const later = (db: Statements) => db.lookLater({ cluster: 'main', workflowId: 'w' }, [new Date()], [rows[0].site]);
  expect(await looksAt(later)).toBeLessThan(FEW);
});

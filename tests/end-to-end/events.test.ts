import { randomBytes } from 'node:crypto';
import { createPublisher, type Publisher } from '../../client';
import { catalogue } from '../../events/catalogue';
import { relations } from '../../activities/consumers/relations';
import { runWorker, type Running } from '../running-worker';

/** The product as it is: publisher, Temporal, worker, consumers, tables. */
let running: Running;
let publisher: Publisher;

beforeAll(async () => {
  running = await runWorker();
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = running.config;
  publisher = createPublisher({ clusters: [{ name: 'main', address, namespace }] });
  const rows = relations.filter(({ consumer }) => consumer === 'persistence');
  await running.pool.query(
    'insert into subscription (data_queue, event_type, consumer) select * from unnest($1::text[], $2::text[], $3::text[])',
    [rows.map(({ dataQueue }) => dataQueue), rows.map(({ type }) => type), rows.map(({ consumer }) => consumer)],
  );
}, 60_000);

afterAll(async () => {
  await publisher.close();
  await running.stop();
});

const typesWithTables = relations.filter(({ consumer }) => consumer === 'persistence').map(({ type }) => type);

/** In the tables for reports: those that name the event beside the ones of the product's own work. */
async function rowsOf(key: string): Promise<number> {
  const { rows: tables } = await running.pool.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'event_key' and table_name not in ('delivery', 'attachment')`,
  );
  const counts = tables.map(({ name }) => `(select count(*) from "${name}" where event_key = $1)`);
  const { rows } = await running.pool.query<{ count: number }>(`select (${counts.join(' + ')})::int as count`, [key]);
  return rows[0]?.count ?? 0;
}

it.each(typesWithTables)('takes %s from publish to its rows', async (type) => {
  const { workflowId, key } = await publisher.publish(type, catalogue[type].example);
  expect(await running.client.workflow.getHandle(workflowId).result()).toEqual({ delivered: 1 });
  expect(await rowsOf(key)).toBeGreaterThanOrEqual(1);
});

it('counts the same event once when it is published twice, with an id or by its own', async () => {
  const first = await publisher.publish('Visit.Log', { SiteId: 77, CampainId: 1, VisitCount: 5 }, { id: 'same' });
  const second = await publisher.publish('Visit.Log', { SiteId: 77, CampainId: 1, VisitCount: 5 }, { id: 'same' });
  const chat = { ...catalogue['Chat.Ended'].example };
  const [one, two] = [await publisher.publish('Chat.Ended', chat), await publisher.publish('Chat.Ended', chat)];
  expect([first.duplicate, second.duplicate, two.duplicate, one.key === two.key]).toEqual([false, true, true, true]);
  await running.client.workflow.getHandle(first.workflowId).result();
  const { rows } = await running.pool.query("select visits from visits_per_day where site_id = '77'");
  expect(rows).toEqual([{ visits: 5 }]);
});

it('lets only the poisoned and the huge one of fifty suffer', async () => {
  await running.pool.query(`create function refuse() returns trigger language plpgsql as $$
    begin if new.event_key like '%poisoned' then raise exception 'no' using errcode = '23514'; end if; return new; end $$`);
  await running.pool.query('create trigger refuse before insert on visit_log for each row execute function refuse()');
  const names = Array.from({ length: 50 }, (_, i) => (i === 20 ? 'poisoned' : i === 30 ? 'huge' : `good-${i}`));
  const events = names.map((id) => {
    // Longer than any id is, so it is refused at recording.
    const CampainId = id === 'huge' ? randomBytes(20_000).toString('hex') : '1';
    return { type: 'Visit.Log', id, data: { SiteId: 50, CampainId, VisitCount: 1 } };
  });
  const run = await running.start(events, 'ride/fifty');
  expect(await run.result()).toEqual({ delivered: 48, parked: 1 });
  const { rows } = await running.pool.query(
    "select event_key, failure_details from delivery where state = 'parked' order by 1",
  );
  expect(rows).toEqual([
    { event_key: 'Visit.Log/50/poisoned', failure_details: expect.objectContaining({ sqlState: '23514' }) },
  ]);
  const refused = await running.pool.query('select key, problems from refused_event where workflow_id = $1', [
    'ride/fifty',
  ]);
  expect(refused.rows).toEqual([
    { key: 'Visit.Log/50/huge', problems: [expect.objectContaining({ path: 'data.CampainId' })] },
  ]);
  const { rows: visits } = await running.pool.query(
    "select sum(visits)::int as sum from visits_per_day where site_id = '50'",
  );
  expect(visits).toEqual([{ sum: 48 }]);
});

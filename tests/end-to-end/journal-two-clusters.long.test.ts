import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublisher, type Publisher } from '../../client';
import { startTemporal, type Temporal } from '../../stack/start-temporal';
import { ban, newId, runScripted, type ScriptedRun } from '../scripted-run';

let main: Temporal;
let standby: Temporal;
let running: ScriptedRun;
let dir: string;
let publisher: Publisher;

beforeAll(async () => {
  [main, standby] = await Promise.all([startTemporal(), startTemporal()]);
  running = await runScripted({ TEMPORAL_ADDRESS: main.address, TEMPORAL_STANDBY_ADDRESS: standby.address });
  await running.until(async () => Object.values(running.worker.readiness().clusters).every(({ ready }) => ready));
}, 120_000);

afterAll(async () => {
  await running.stop();
  await Promise.all([main.stop(), standby.stop()]);
}, 60_000);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  const { TEMPORAL_NAMESPACE: namespace, TEMPORAL_STANDBY_NAMESPACE: other } = running.config;
  publisher = createPublisher({
    clusters: [
      { name: 'main', address: main.address, namespace },
      { name: 'standby', address: standby.address, namespace: other ?? namespace },
    ],
    journal: { dir },
    takeoverAfterMs: 5_000,
  });
});

afterEach(async () => {
  await publisher.close();
  rmSync(dir, { recursive: true });
});

const publish = async (name: string, count: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, () => newId(name));
  await Promise.all(ids.map((id) => publisher.publish('Agent.Ban', ban(id).data, { id })));
  return ids;
};

const untilEmpty = () => running.until(async () => publisher.status().journal?.entries === 0);

/** What is recorded leaves the journal, and is delivered by the sweep where the cluster that had it is gone. */
const untilDone = async (name: string, count: number): Promise<void> => {
  await untilEmpty();
  await running.until(async () => (await effectsOf(name)).length >= count);
};

/** Effects in the database, each as often as it was done. */
async function effectsOf(name: string): Promise<string[]> {
  const { rows } = await running.pool.query('select event_id from effect where event_id like $1 || $2', [name, '-%']);
  return rows.map((row) => row.event_id as string).toSorted();
}

it('what main had begun, and what comes while it is down, is done by standby, once', async () => {
  const before = await publish('before', 300);
  await running.until(async () => (publisher.status().clusters[0]?.accepted ?? 0) > 0);
  await main.kill();
  const during = await publish('during', 300);
  await untilDone('before', before.length);
  await untilDone('during', during.length);
  expect(await effectsOf('before')).toEqual(before.toSorted());
  expect(await effectsOf('during')).toEqual(during.toSorted());
  expect(publisher.status().clusters[1]?.accepted).toBeGreaterThanOrEqual(300);
  await main.restart();
  await running.until(async () => publisher.status().clusters[0]?.verdict === 'up');
}, 180_000);

it('with both down all is accepted, and done when one is back, by itself', async () => {
  await Promise.all([main.kill(), standby.kill()]);
  const ids = await publish('neither', 500);
  expect(publisher.status().journal?.entries).toBe(500);
  await standby.restart();
  await untilDone('neither', ids.length);
  expect(await effectsOf('neither')).toEqual(ids.toSorted());
  expect(publisher.status().clusters).toMatchObject([{ verdict: 'down' }, { accepted: 500 }]);
  await main.restart();
}, 180_000);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublisher, type Publisher } from '../../client';
import { Clusters } from '../../client/clusters';
import { Journal } from '../../client/journal/journal';
import { Outbox } from '../../client/journal/outbox';
import { prepareEvent } from '../../client/prepare-event';
import { readPublisherOptions, type PublisherOptions } from '../../client/publisher-options';
import { startTemporal, type Temporal } from '../../stack/start-temporal';
import { compiled } from '../compiled';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../scripted-run';

/** A journal asks every 10 s; here every second. */
jest.mock('../../client/journal/outbox', () => {
  const { Outbox: Real } = jest.requireActual<{ Outbox: typeof Outbox }>('../../client/journal/outbox');
  return {
    Outbox: class extends Real {
      constructor(...[settings, clusters, journal, askEveryMs = 1_000]: ConstructorParameters<typeof Outbox>) {
        super(settings, clusters, journal, askEveryMs);
      }
    },
  };
});

/** A server of its own, as it is killed. */
let temporal: Temporal;
let running: ScriptedRun;
let dir: string;

beforeAll(async () => {
  temporal = await startTemporal();
  running = await runScripted({ TEMPORAL_ADDRESS: temporal.address });
}, 120_000);

afterAll(async () => {
  await running.stop();
  await temporal.stop();
}, 60_000);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

const optionsHere = (): PublisherOptions => ({
  clusters: [{ name: 'main', address: temporal.address, namespace: running.config.TEMPORAL_NAMESPACE }],
  journal: { dir, keepHours: 0 },
});

const newIds = (name: string, count: number): string[] => Array.from({ length: count }, () => newId(name));

/** What is left in the folder of a journal that is in use and empty. */
const nothing = ['installation', 'lock', 'replayable-since'];

/** Effects in the database, each as often as it was done. */
async function effectsOf(name: string): Promise<string[]> {
  const { rows } = await running.pool.query('select event_id from effect where event_id like $1 || $2', [name, '-%']);
  return rows.map((row) => row.event_id as string);
}

async function untilEmpty(publisher: Publisher): Promise<void> {
  await running.until(async () => publisher.status().journal?.entries === 0);
  await running.until(async () => readdirSync(dir).join() === nothing.join());
}

it('delivers what the journal has accepted, and drops it from the disk when it is recorded', async () => {
  const publisher = createPublisher(optionsHere());
  const ids = newIds('accepted', 300);
  const receipts = await Promise.all(ids.map((id) => publisher.publish('Agent.Ban', ban(id).data, { id })));
  expect(new Set(receipts.map(({ acceptedBy }) => acceptedBy))).toEqual(new Set(['journal']));
  expect(publisher.status().journal?.entries).toBe(300);
  await untilEmpty(publisher);
  expect((await effectsOf('accepted')).toSorted()).toEqual(ids.toSorted());
  await publisher.close();
});

it('publishes while Temporal is down, and all of it is recorded when it is back', async () => {
  const publisher = createPublisher(optionsHere());
  await temporal.kill();
  const ids = newIds('meanwhile', 1_000);
  await Promise.all(ids.map((id) => publisher.publish('Agent.Ban', ban(id).data, { id })));
  expect(publisher.status().journal?.entries).toBe(1_000);
  await temporal.restart();
  await untilEmpty(publisher);
  expect((await effectsOf('meanwhile')).toSorted()).toEqual(ids.toSorted());
  await publisher.close();
});

it('loses nothing that was acknowledged when the publishing process is killed in the middle of a burst', async () => {
  const script = `
    const { createPublisher } = require(${JSON.stringify(compiled('client/index'))});
    const publisher = createPublisher(${JSON.stringify(optionsHere())});
    (async () => {
      for (let n = 0; ; n += 20) {
        await Promise.all(Array.from({ length: 20 }, async (_, i) => {
          const id = 'killed-' + (n + i);
          await publisher.publish('Agent.Ban', ${JSON.stringify(ban('').data)}, { id });
          process.send(id);
        }));
      }
    })();`;
  const child = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const acknowledged: string[] = [];
  child.on('message', (id) => {
    if (typeof id === 'string') acknowledged.push(id);
    if (acknowledged.length === 500) child.kill('SIGKILL');
  });
  await ended;
  const publisher = createPublisher(optionsHere());
  await running.until(async () => (publisher.status().journal?.entries ?? 0) > 0);
  await untilEmpty(publisher);
  const effects = await effectsOf('killed');
  expect(new Set(effects).size).toBe(effects.length);
  expect(acknowledged.filter((id) => !effects.includes(id))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThanOrEqual(500);
  await publisher.close();
});

/** A journal that asks soon, and holds a minute for a second. */
const openOutbox = () => {
  const journal = new Journal({ dir, maxBytes: 1024 ** 2, keepHours: 0 });
  const settings = readPublisherOptions({ ...optionsHere(), takeoverAfterMs: 3_000 });
  const clusters = new Clusters({ ...settings, probeDeadlineMs: 2_000 });
  return new Outbox(settings, clusters, journal, 1_500);
};
const accept = (outbox: Outbox, id: string) => outbox.accept(prepareEvent('Agent.Ban', ban(id).data, { id }));

it('lists an event whose id has other content already, as nobody can be told any more', async () => {
  const outbox = openOutbox();
  const [id = ''] = newIds('conflict', 1);
  await accept(outbox, id);
  await running.until(async () => outbox.status().entries === 0);
  await outbox.accept(prepareEvent('Agent.Ban', { ...ban(id).data, Comment: 'other' }, { id }));
  await running.until(async () => outbox.status().entries === 0);
  const { rows } = await running.pool.query('select key, problems from refused_event where key = $1', [keyOf(id)]);
  expect(rows).toEqual([{ key: keyOf(id), problems: [expect.objectContaining({ path: 'id' })] }]);
  expect(await effectsOf('conflict')).toEqual([id]);
  await outbox.close();
});

describe('an event that the database does not know although its workflow was started', () => {
  const forget = () => running.pool.query("delete from event where id like 'forgotten-%'");

  it.each([1, 3])('is started again, of %i that were started together', async (count) => {
    const outbox = openOutbox();
    const ids = newIds('forgotten', count);
    await Promise.all(ids.map((id) => accept(outbox, id)));
    await running.until(async () => (await effectsOf('forgotten')).length === count);
    // As if the database were restored from before.
    await running.pool.query("delete from effect where event_id like 'forgotten-%'");
    await forget();
    await running.until(async () => outbox.status().entries === 0);
    expect((await effectsOf('forgotten')).toSorted()).toEqual(ids.toSorted());
    const { rows } = await running.pool.query("select workflow_id from event where id like 'forgotten-%' order by 1");
    const again = rows.map((row) => row.workflow_id as string);
    if (count === 1) expect(again).toEqual(ids.map((id) => keyOf(id)));
    else expect(new Set(again)).toEqual(new Set([expect.stringMatching(/^batch\//)]));
    await outbox.close();
    await forget();
    await running.pool.query("delete from effect where event_id like 'forgotten-%'");
  });
});

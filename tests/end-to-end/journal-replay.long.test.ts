import { mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublisher, type Publisher } from '../../client';
import { Clusters } from '../../client/clusters';
import { JournalReader } from '../../client/journal/journal-reader';
import { replayJournal } from '../../client/journal/replay-journal';
import { DeliveryFailure } from '../../activities/failures';
import { openOpsCommand } from '../ops-command';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../scripted-run';

let running: ScriptedRun;
let command: Awaited<ReturnType<typeof openOpsCommand>>;
let dir: string;
let publisher: Publisher;

beforeAll(async () => {
  running = await runScripted();
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = running.config;
  command = await openOpsCommand({ TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE });
});

afterAll(async () => {
  await command.close();
  await running.stop();
});

const clusters = () => [
  {
    name: 'main',
    address: running.config.TEMPORAL_ADDRESS,
    namespace: running.config.TEMPORAL_NAMESPACE,
  },
];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-'));
  publisher = createPublisher({ clusters: clusters(), journal: { dir } });
});

afterEach(async () => {
  await publisher.close();
  rmSync(dir, { recursive: true });
});

async function publish(name: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId(name));
  await Promise.all(ids.map((id) => publisher.publish('Agent.Ban', ban(id).data, { id })));
  return ids;
}

const untilEmpty = () => running.until(async () => publisher.status().journal?.bytes === 0);

/** As if the database were restored to how it was before them. */
async function forget(ids: readonly string[]): Promise<void> {
  await running.pool.query('delete from effect where event_id = any ($1)', [ids]);
  await running.pool.query('delete from event where id = any ($1)', [ids]);
}

async function effectsOf(ids: readonly string[]): Promise<string[]> {
  const { rows } = await running.pool.query('select event_id from effect where event_id = any ($1)', [ids]);
  return rows.map((row) => row.event_id as string).toSorted();
}

const replay = async (options: string) => {
  const { code, stdout, stderr } = await command.ops(`journal replay --dir ${dir} --json ${options}`);
  return { code, stderr, counts: code === 0 ? JSON.parse(stdout) : null };
};

it('what a restored database does not know is done again, beside the publisher, and the folder stays as it was', async () => {
  const since = new Date().toISOString();
  const ids = await publish('lost', 300);
  await untilEmpty();
  const files = readdirSync(dir);
  const [kept, gone] = [ids.slice(0, 100), ids.slice(100)];
  await forget(gone);
  // What has just been published is the publisher's own business: a replay by hand comes later.
  const [reader, to] = [await JournalReader.open(dir), open()];
  const counts = await replayJournal({ journal: reader, clusters: to, onProgress: () => {}, youngMs: 0, everyMs: 500 });
  await Promise.all([reader.close(), to.close()]);
  expect(counts).toEqual({ looked: 300, known: 100, missing: 200, settled: 200, refused: 0, mayBeIncomplete: false });
  await running.until(async () => (await effectsOf(ids)).length === 300);
  expect(await effectsOf(gone)).toEqual(gone.toSorted());
  expect(await effectsOf(kept)).toEqual(kept.toSorted());
  expect(readdirSync(dir)).toEqual(files);
  expect(await replay(`--since ${since}`)).toMatchObject({
    code: 0,
    counts: { looked: 300, known: 300, missing: 0, settled: 0 },
  });
}, 180_000);

const open = () => new Clusters({ clusters: clusters(), probeDeadlineMs: 10_000, takeoverAfterMs: 60_000 });

it('an event whose workflow is open although its rows are gone is started afresh', async () => {
  const ids = [newId('open')];
  const [id = ''] = ids;
  running.scripted.faults.set(id, [undefined, new DeliveryFailure('Rejected', 'no')]);
  await publisher.publish('Agent.Ban', ban(id, 2).data, { id }); // site 2 has endpoints
  await untilEmpty();
  await running.until(async () => String(await running.parkedQueues(keyOf(id, 2))).includes('Webhook'));
  await forget(ids);
  const [reader, to] = [await JournalReader.open(dir), open()];
  await replayJournal({
    journal: reader,
    clusters: to,
    onProgress: () => {},
    youngMs: 0,
    everyMs: 500,
    againMs: 1_000,
  });
  await Promise.all([reader.close(), to.close()]);
  await running.until(async () => (await effectsOf(ids)).length === 1);
}, 180_000);

it('what a publisher with a wrong clock has kept is asked about, whatever it says; what is gone is said', async () => {
  const ids = await publish('early', 5);
  await untilEmpty();
  const [kept = ''] = readdirSync(dir).filter((name) => name.endsWith('.released'));
  utimesSync(join(dir, kept), 0, 0); // as of a publisher whose clock is decades behind
  const now = new Date().toISOString();
  const all = await replay(`--since ${now}`);
  expect(all).toMatchObject({ code: 0, counts: { looked: 5, known: 5, mayBeIncomplete: false } });
  writeFileSync(join(dir, 'replayable-since'), now);
  const { counts, stderr } = await replay('--since 2026-01-01T00:00:00Z');
  expect(counts).toMatchObject({ looked: 5, known: 5, completeSince: now });
  expect(stderr).toContain(`Files with events recorded before ${now}, by this machine's clock, may have been deleted.`);
  rmSync(join(dir, 'replayable-since'));
  const unknown = await replay('--since 2026-01-01T00:00:00Z');
  expect(unknown.counts).toMatchObject({ looked: 5, completeSince: null });
  expect(unknown.stderr).toContain('The file replayable-since is missing or unreadable');
  renameSync(join(dir, kept), join(dir, '0000000002.released')); // the first is gone
  await forget(ids);
  const [reader, to] = [await JournalReader.open(dir), open()];
  const last = await replayJournal({ journal: reader, clusters: to, onProgress: () => {}, youngMs: 0, everyMs: 500 });
  await Promise.all([reader.close(), to.close()]);
  expect(last).toMatchObject({ missing: 5, settled: 5, mayBeIncomplete: true });
}, 180_000);

it('the status says what is needed and what is kept', async () => {
  await publish('kept', 5);
  await untilEmpty();
  await publish('needed', 2);
  const { stdout } = await command.ops(`journal status --dir ${dir} --json`);
  expect(JSON.parse(stdout)).toMatchObject({
    needed: { files: 1, events: 2, oldest: expect.any(String) },
    kept: { files: 1 },
    completeSince: expect.any(String),
  });
  expect((await command.ops(`journal status --dir ${dir}`)).stdout).toMatch(
    /^Still needed: 1 file, \d+ bytes, with 2 events of which .*\nKept for a replay: 1 file, \d+ bytes; /,
  );
}, 180_000);

it('while no cluster is up a replay says so, not that nothing is missing', async () => {
  await publish('asked', 2);
  const nobody = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const told = await command.untilSaid(
    `journal replay --dir ${dir} --since 2026-01-01T00:00:00Z`,
    'no cluster is up',
    nobody,
  );
  expect(told).toMatch(/^0 of 2 asked; no cluster is up \(.+\), waiting \(Ctrl-C ends it; it can be repeated\)$/m);
  expect(told).not.toContain('missing');
}, 180_000);

it.each([
  ['status --dir /', 1, '/ is no journal.'],
  ['replay --dir / --since 2026-01-01T00:00:00Z', 1, '/ is no journal.'],
  ['status --dir /nowhere', 1, 'There is no folder /nowhere.'],
  ['replay --dir /tmp --since soon', 2, 'Expected a time such as'],
  ['replay --dir /tmp', 2, '--since'],
])('journal %s: exit code %i', async (args, code, text) => {
  const outcome = await command.ops(`journal ${args}`);
  expect(outcome.code).toBe(code);
  expect(outcome.stderr).toContain(text);
});
